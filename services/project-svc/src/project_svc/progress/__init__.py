"""Progress reports: what was known of a task as of some time; kept, so that the past can be asked about."""
