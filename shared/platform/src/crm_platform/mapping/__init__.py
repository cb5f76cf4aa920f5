"""Which column of a file belongs into which field: suggestions with their reasons, for a person to confirm."""
