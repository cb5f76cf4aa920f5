"""Merging customers into one, and taking it back."""
