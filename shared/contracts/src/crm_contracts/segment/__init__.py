"""Events about segments of customers."""
