"""Sessions: a sign-in and the refresh tokens that follow from it."""
