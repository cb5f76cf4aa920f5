"""Making the parts of a project out of a template."""
