"""What is one incident, how bad, whose, why, and what is told of it."""
