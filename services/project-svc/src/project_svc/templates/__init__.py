"""Ready-made templates: what projects of a kind deliver, and what usually endangers them."""
