"""Purposes for which people are turned to, with the lawful basis and the texts that they agree to."""
