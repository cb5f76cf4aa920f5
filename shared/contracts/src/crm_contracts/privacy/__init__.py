"""Events about consent and privacy."""
