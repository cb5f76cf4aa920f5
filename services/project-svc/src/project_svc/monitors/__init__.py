"""Monitors: metrics of projects with thresholds, pushed or derived; they tell once of each crossing."""
