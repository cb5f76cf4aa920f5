"""Access tokens: made by the gateway, verified by every service itself."""
