"""Contracts of sales."""
