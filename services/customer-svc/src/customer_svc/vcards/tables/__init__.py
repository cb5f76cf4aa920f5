"""Contacts in the rows of a table."""
