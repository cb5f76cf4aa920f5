"""Contracts of inbound."""
