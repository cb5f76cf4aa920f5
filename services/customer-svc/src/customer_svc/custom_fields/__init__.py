"""Custom fields of customers; the rest is the platform's."""
