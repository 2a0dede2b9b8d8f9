"""A bad deployment of the checkout, its retry storm, the rollback: the demonstration."""
