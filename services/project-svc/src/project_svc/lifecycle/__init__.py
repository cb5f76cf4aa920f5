"""The steps of a project that concern its deliverables and risks too: opening, moving on, completing, closing."""
