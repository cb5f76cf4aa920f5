"""Tenants: who shares this installation."""
