"""From input records to signals and folded counts, each counted exactly once."""
