"""Figures about sales, deliveries and satisfaction, computed from events alone."""
