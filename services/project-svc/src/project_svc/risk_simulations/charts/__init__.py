"""What a simulation came to, as pictures."""
