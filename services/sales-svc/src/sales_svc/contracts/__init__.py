"""Contracts with customers: from the draft to the signature, and to their end."""
