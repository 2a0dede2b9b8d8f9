"""Whom does an incident hit, and what does it cost?"""
