"""What probably caused it, on what evidence, and what was ruled out?"""
