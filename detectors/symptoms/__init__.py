"""What is abnormal at one service."""
