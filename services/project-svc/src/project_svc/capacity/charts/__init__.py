"""Capacity, drawn."""
