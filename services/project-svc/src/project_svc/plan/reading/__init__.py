"""Plans as they are read: all of one at a time."""
