"""A Microsoft Project file on its way to be part of a plan."""
