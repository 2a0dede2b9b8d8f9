"""Recordings: read from a file, published to the topics."""
