"""What is known here of the people who can sign in: a copy, kept up to date by the gateway's events."""
