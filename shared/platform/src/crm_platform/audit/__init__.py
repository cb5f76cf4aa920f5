"""The tamper-evident record of who changed what, when and why."""
