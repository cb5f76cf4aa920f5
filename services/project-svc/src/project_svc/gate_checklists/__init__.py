"""Ready-made checklists of quality gates."""
