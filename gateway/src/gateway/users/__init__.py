"""Users: the people who sign in."""
