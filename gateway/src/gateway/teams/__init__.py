"""Teams: who works with whom, and who sees whose records."""
