"""Duplicates: which records are about the same company or person."""
