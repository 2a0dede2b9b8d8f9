"""How fast and how right is it, measured against what it replaces? Rows for `headwater bench`."""
