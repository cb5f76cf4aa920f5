"""The bundle that a person gets."""
