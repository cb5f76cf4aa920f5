"""Figures over the facts."""
