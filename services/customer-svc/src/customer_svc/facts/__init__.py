"""Figures about customers that come from what other services tell: orders, opportunities, tickets, satisfaction."""
