"""Which value a merged customer gets, where a field is one that a company has defined."""
