"""Passwords: what is good enough, and whether the right one was given."""
