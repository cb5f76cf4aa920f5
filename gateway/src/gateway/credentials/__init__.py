"""Credentials of machines: API keys and OAuth2 clients."""
