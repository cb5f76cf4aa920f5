"""Contracts of customer-svc."""
