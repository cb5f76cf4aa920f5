"""Events about the quality of customer data."""
