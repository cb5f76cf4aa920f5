"""Orders: what was sold, and what was paid for it."""
