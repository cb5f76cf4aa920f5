"""Customers and everything said to them."""
