"""Risks: what endangers a project, how much, and what is done about it."""
