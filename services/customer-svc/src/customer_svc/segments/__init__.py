"""Segments: what makes a customer a member, as an expression."""
