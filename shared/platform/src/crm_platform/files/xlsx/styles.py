"""Which cell formats show a number as a date, and what the number then means (ECMA-376 part 1, 18.8.30 and 18.17.4)."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum, auto

from crm_platform.files.xlsx.package import Package, local


class Shown(Enum):
    """What a number of a cell stands for."""

    NUMBER = auto()
    DATE = auto()
    """A day, with or without a time of day."""
    DURATION = auto()


_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_BUILT_IN_DURATION = 46
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
"""Parts of a format code that are shown as they are, colours, conditions and locales."""
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE = re.compile(r"[ymdhs]|上午|下午|AM/PM", re.IGNORECASE)

_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - cells know no zone
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""
_FIRST_TRUE_SERIAL = 61
"""1900-03-01. Excel counts a 29 February 1900 that never was, so that days before are one lower."""
_MILLISECONDS = 86_400_000


def shown(code: str) -> Shown:
    """What a format code such as ``yyyy"年"m"月"d"日"`` makes of a number."""
    plain = _LITERAL.sub("", code.partition(";")[0])
    if _DURATION.search(plain):
        return Shown.DURATION
    if plain.lower() == "general":
        return Shown.NUMBER
    return Shown.DATE if _DATE.search(plain) else Shown.NUMBER


def cell_formats(package: Package, part: str | None) -> Sequence[Shown]:
    """What each cell format of a workbook shows, by its index."""
    if part is None or not package.has(part):
        return ()
    root = package.tree(part)
    codes: dict[str, Shown] = {
        one.get("numFmtId", ""): shown(one.get("formatCode", "")) for one in root.iter() if local(one) == "numFmt"
    }
    formats = next((one for one in root if local(one) == "cellXfs"), ())
    return [_of(codes, one.get("numFmtId", "0")) for one in formats]


def moment(serial: float, *, since_1904: bool) -> date | datetime | time | None:
    """The day or moment of a serial number; a time of day below 1; None where there is no such day."""
    if not 0 <= serial < _LAST_SERIAL:
        return None
    if serial < 1 and not since_1904:
        return (_EPOCH + _of_days(serial)).time()
    days = serial if since_1904 or serial >= _FIRST_TRUE_SERIAL else serial + 1
    try:
        found = (_EPOCH_1904 if since_1904 else _EPOCH) + _of_days(days)
    except OverflowError:
        return None
    return found if found.time() != time() else found.date()


def _of_days(days: float) -> timedelta:
    # A binary fraction of a day is no exact time: Excel itself shows milliseconds.
    return timedelta(milliseconds=round(days * _MILLISECONDS))


def _of(codes: dict[str, Shown], number: str) -> Shown:
    if number in codes:
        return codes[number]
    if not number.isdigit():
        return Shown.NUMBER
    if int(number) == _BUILT_IN_DURATION:
        return Shown.DURATION
    return Shown.DATE if int(number) in _BUILT_IN_DATES else Shown.NUMBER
