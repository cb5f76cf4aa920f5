"""What is known here of the company's teams: a copy, kept up to date by the gateway's events."""
