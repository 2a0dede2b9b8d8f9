"""What things are: the frozen types of all that flows through Headwater."""
