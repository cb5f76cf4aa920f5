"""Tools of the repository itself: set-up, locks, rules, generated files. Run from the root, `python -m tools.<name>`."""
