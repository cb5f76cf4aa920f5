"""Events about communications."""
