"""What we conclude: pure functions and states over models and event time."""
