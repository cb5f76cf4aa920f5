"""How the outcome of a merge is shown."""
