"""Customers as rows of a file; pure."""
