"""The end of projects."""
