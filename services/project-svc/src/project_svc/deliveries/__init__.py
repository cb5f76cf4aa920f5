"""Deliveries: what a project hands to the customer, and its acceptance."""
