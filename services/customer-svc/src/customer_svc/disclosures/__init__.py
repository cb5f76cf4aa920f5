"""To whom personal data went, as far as it is on record."""
