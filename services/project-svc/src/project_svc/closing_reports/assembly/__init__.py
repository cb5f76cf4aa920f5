"""What is on record of a project at its end, put together."""
