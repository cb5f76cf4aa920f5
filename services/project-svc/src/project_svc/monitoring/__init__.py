"""Monitoring: earned value, earned schedule, curves and health of projects, as of any time."""
