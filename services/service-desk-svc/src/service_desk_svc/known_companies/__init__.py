"""What is known here of the company: where its days begin and end."""
