"""Records that could not be read: kept, shown, sent back."""
