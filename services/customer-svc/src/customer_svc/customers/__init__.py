"""Customers: companies and people."""
