"""How well deliveries go: on time, and right the first time."""
