"""Trials as such: pure, and meant for another process."""
