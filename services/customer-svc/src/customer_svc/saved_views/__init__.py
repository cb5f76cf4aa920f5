"""How people want to see the lists of this service."""
