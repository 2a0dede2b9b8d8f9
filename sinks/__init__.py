"""Who is told: the outside systems that Headwater writes to."""
