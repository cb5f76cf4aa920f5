"""Rules about what communications say: whether it is sealed."""
