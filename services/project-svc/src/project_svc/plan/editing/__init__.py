"""Edits of a plan, applied to all of its tasks at once: pure, and the same for one task and for thousands."""
