"""A Kafka of our own: one node on this machine, for the demonstration, the tests, and trying things out."""
