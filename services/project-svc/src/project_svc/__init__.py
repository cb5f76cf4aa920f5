"""Projects for customers, what they deliver, and what endangers them."""
