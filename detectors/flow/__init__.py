"""How keyed state, event time and folded chunks move together; nothing here knows what is decided."""
