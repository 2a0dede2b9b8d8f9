"""Orders of medication are lost, by an alert that nobody sent as urgent."""
