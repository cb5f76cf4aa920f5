"""Plans of projects: tasks, links, calendars, resources, baselines."""
