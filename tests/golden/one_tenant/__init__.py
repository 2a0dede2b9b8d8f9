"""One tenant's requests fail, then another's too."""
