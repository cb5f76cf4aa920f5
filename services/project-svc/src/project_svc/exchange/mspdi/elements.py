"""Elements as they are written: simple children, and the forms of their values."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from lxml import etree

_UNWRITABLE = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def element(name: str, values: Mapping[str, object]) -> etree._Element:
    """An element with simple children, without those that are None."""
    found = etree.Element(name)
    for child, value in values.items():
        if value is not None:
            found.append(leaf(child, value))
    return found


def leaf(name: str, value: object) -> etree._Element:
    """An element with a value."""
    found = etree.Element(name)
    found.text = _text(value)
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _clean(str(value))


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    return _UNWRITABLE.sub("", text)


def duration(minutes: int | None) -> str | None:
    """Minutes as a duration."""
    return None if minutes is None else f"PT{minutes // 60}H{minutes % 60}M0S"


def money(amount: Decimal) -> Decimal:
    """An amount in hundredths, as money is written."""
    return amount * 100
