"""What a person at a terminal sees: incidents as they change, and the demonstration."""
