"""What we sell, to whom we might sell it, and what was sold."""
