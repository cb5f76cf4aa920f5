"""Signed links by which a contact of the customer decides about a version of a delivery, without an account."""
