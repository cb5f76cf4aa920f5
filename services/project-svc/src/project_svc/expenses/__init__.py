"""Expenses: money that people spend for a project, which somebody else approves."""
