"""Timesheets: what a person worked on in a week, which somebody else approves; then it costs."""
