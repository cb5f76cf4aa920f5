"""Exports: customers as files, as the caller sees them."""
