"""From tasks, calendars and resources to what the scheduling engine takes, and back: pure."""
