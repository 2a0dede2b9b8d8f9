"""Which lines are the same statement of a program? Masked lines, and their clusters over time."""
