"""Figures of data quality: how good the data is by source, owner, team, rule and member, now and day by day."""
