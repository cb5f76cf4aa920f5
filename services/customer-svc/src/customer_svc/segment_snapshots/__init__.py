"""Segment snapshots: who the members of a segment were at one moment."""
