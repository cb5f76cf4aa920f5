"""Whether people who have asked for long work may still do it."""
