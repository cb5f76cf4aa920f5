"""Customers taken in by the many, for slices that get them from files."""
