"""What the intake does to one record: read, redact, mask, fold."""
