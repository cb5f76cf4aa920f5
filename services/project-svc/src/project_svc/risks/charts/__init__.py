"""The risk matrix as a picture."""
