"""What does the draft say when it is over?"""
