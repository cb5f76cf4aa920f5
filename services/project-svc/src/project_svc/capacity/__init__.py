"""Capacity: how much of people and machines there is, week by week, and how much projects need of them."""
