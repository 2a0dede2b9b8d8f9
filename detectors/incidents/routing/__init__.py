"""Whose an incident is, who can act, and who should be told when."""
