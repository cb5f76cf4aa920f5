"""Rules that raise risks where the figures of a project are bad."""
