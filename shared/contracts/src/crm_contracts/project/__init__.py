"""Contracts of project."""
