"""The portfolio: all projects side by side, and added up."""
