"""What customers turn to us with."""
