"""Contacts: the people at customers."""
