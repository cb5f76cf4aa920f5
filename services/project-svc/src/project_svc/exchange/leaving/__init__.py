"""A plan on its way out: as files and as pictures."""
