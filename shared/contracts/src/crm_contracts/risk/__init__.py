"""Contracts about the assessment of risks."""
