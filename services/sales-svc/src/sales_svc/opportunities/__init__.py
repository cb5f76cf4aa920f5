"""Opportunities: deals from the first idea to the signature or the refusal."""
