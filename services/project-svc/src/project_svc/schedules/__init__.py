"""Schedules: dates, floats and the critical path of a plan; levelled, optimised, and what if."""
