"""How standings come about."""
