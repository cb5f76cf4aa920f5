"""Asking the copy of the customers."""

from sales_svc.known_customers import repository

is_known = repository.is_known
