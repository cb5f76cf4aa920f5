"""Outcomes: what a project changes for its customer, measured, evaluated and reviewed."""
