"""Custom fields: what a company keeps of its records beside what everybody does."""
