"""Tools of the repository itself: set-up, locks, rules, generated files; `python -m tools.<name>`, from the root."""
