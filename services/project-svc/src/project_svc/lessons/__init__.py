"""Lessons learned: what a project has taught, for the next one to find."""
