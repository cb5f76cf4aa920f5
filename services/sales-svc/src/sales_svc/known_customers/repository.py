"""Queries of the known customers."""

from typing import Any

from sqlalchemy import ColumnElement, exists

from sales_svc.known_customers.models import known_customers


def is_known(customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the customer has arrived here: the copy lags its original by a moment."""
    return exists().where(known_customers.c.id == customer_id).correlate_except(known_customers)
