"""Signing keys: what makes a token ours."""
