"""Events about people who ask what is known of them."""
