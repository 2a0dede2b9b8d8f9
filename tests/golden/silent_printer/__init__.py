"""Labels are printed no more: a signature vanishes, a service falls silent, and nobody logs an error."""
