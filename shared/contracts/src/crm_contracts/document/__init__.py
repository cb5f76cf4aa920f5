"""Documents of projects."""
