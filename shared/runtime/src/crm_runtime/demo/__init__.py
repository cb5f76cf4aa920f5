"""The demonstration: a company that never was, and the story of one of its deals."""
