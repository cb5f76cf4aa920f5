"""Events about saved views."""
