"""Actual costs of projects: of people's time, of expenses, and what the ERP system tells."""
