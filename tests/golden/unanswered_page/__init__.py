"""Nobody answers the first page of the night."""
