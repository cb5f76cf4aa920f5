"""Baselines: a plan as it was at some time, to compare with."""
