"""Three systems, each with an incident of its own at overlapping times."""
