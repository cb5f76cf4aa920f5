"""Making a template out of a project."""
