"""Monitors of data quality: they tell when the average score falls too low, and when it is good again."""
