"""Closing reports: what became of a project, as it was found at its end, and who has signed that."""
