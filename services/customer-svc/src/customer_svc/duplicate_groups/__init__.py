"""Customers that a scan of the whole base holds for the same, for people to judge."""
