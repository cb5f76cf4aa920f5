"""Change requests of projects."""
