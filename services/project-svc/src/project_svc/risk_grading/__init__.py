"""Judging by another scale: what stands in the way of that, and what follows from it."""
