"""Events about the execution and monitoring of projects."""
