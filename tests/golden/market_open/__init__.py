"""Orders are slow before the market opens, and still when it does."""
