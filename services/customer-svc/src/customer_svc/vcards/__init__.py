"""Cards that people bring along: contacts out of vCard files."""
