"""Decisions of customers about deliveries: acceptance, also with open points or by silence, and rejection."""
