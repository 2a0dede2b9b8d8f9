"""The processes: who starts, watches and restarts them, and what they tell of themselves."""
