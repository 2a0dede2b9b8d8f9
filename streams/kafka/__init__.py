"""How we talk to a cluster: its topics, reading them, and the one producer."""
