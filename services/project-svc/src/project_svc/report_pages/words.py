"""How values are written in reports."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

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


def day(value: date | None) -> str:
    """A day as ISO 8601 has it."""
    return NOTHING if value is None else value.isoformat()


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """A time to the minute by the clocks of ``zone``, with how far they are from UTC."""
    if value is None:
        return NOTHING
    on, _, at = value.astimezone(zone).isoformat(timespec="minutes").partition("T")
    return f"{on} {at[:5]} UTC{at[5:].removeprefix('+00:00')}"


def bar(share: Decimal | None) -> int:
    """How long the bar of a share is, in per cent of its place."""
    return 0 if share is None else int(max(Decimal(0), min(Decimal(100), share)))
