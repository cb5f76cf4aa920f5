"""A number, or why there is none."""

from decimal import Decimal
from enum import StrEnum

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)


class Reason(StrEnum):
    """Why an indicator has no value."""

    NO_BUDGET = "no_budget"
    NOT_STARTED = "not_started"
    NOTHING_PLANNED = "nothing_planned"
    NOTHING_EARNED = "nothing_earned"
    NO_ACTUAL_COST = "no_actual_cost"
    BUDGET_SPENT = "budget_spent"
    COMPLETE = "complete"
    BEYOND_CALENDAR = "beyond_calendar"
    NOT_ADDITIVE = "not_additive"


Value = Decimal | Reason
"""A number, or the reason why it is not defined."""


def ratio(top: Decimal, bottom: Decimal, otherwise: Reason) -> Value:
    """One number by another; ``otherwise`` where that is zero."""
    return top / bottom if bottom else otherwise


def number(value: Value) -> Decimal | None:
    """The number, if there is one."""
    return None if isinstance(value, Reason) else value
