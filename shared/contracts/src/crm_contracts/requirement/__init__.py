"""Events about what customers require."""
