"""Roles: named sets of scopes."""
