"""The composed views, one file each, named after the screen that it serves."""
