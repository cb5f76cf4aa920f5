"""Deliveries that recur: a schedule, and what plans them ahead."""
