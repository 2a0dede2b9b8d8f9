"""The shift changes in the middle of it."""
