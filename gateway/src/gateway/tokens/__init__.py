"""Access tokens: made here, verified everywhere."""
