"""Knowing a contact again."""
