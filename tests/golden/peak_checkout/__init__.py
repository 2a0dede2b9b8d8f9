"""Errors on the way of an order, in the evening of a sale."""
