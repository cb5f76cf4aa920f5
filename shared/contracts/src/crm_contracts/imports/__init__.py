"""Imports of records from files."""
