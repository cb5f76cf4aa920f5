"""What was said between us and customers."""
