"""How values are written in reports."""

from datetime import UTC, date, datetime
from decimal import Decimal

from crm_contracts.base import Money

COLONS = {"en": ": ", "zh": "\uff1a"}
NOTHING = "–"
"""Stands where there is no value."""


def number(value: Decimal | None) -> str:
    """A number as people read it: without trailing zeros, thousands apart."""
    if value is None:
        return NOTHING
    plain = format(value.normalize(), "f")
    return format(Decimal(plain), ",f")


def per_cent(value: Decimal | None) -> str:
    """A share with its sign."""
    return NOTHING if value is None else f"{number(value)} %"


def money(value: Money | None) -> str:
    """An amount with its currency."""
    return NOTHING if value is None else f"{number(value.amount)} {value.currency}"


def day(value: date | datetime | None) -> str:
    """A day as ISO 8601 has it, in UTC."""
    if isinstance(value, datetime):
        value = value.date()
    return NOTHING if value is None else value.isoformat()


def moment(value: datetime | None) -> str:
    """A time to the minute, in UTC."""
    return NOTHING if value is None else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def bar(share: Decimal | None) -> int:
    """How long the bar of a share is, in per cent of its place."""
    return 0 if share is None else int(max(Decimal(0), min(Decimal(100), share)))
