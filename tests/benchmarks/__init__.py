"""What does a record cost? Figures to read, never to assert: they are ratios taken in one run."""
