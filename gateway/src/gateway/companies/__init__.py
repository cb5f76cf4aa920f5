"""What holds for a whole company: where its days begin and end."""
