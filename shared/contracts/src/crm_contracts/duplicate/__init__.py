"""Events about duplicates of customers: rules, groups to review, merges."""
