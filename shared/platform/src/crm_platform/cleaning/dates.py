"""Days and moments as people type them."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from crm_platform.cleaning.outcome import Change, Cleaned, NotUnderstood
from crm_platform.cleaning.text import cleaned_text, narrow

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905 - readable
_FULL = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAME = rf"(?P<name>{'|'.join((*_FULL, 'sept', *_MONTHS))})\.?"
_SEPARATOR = r"\s*[-/.,\s]\s*"
_ORDINAL = r"(?:st|nd|rd|th)?"
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE_NUMBER = re.compile(r"[一二三四五六七八九]?十[一二三四五六七八九]?")
_REPUBLIC = 1911
"""The year before the first of the Republic's calendar, as Taiwan writes it."""
_FIRST_SERIAL, _LAST_SERIAL = 61, 2_958_465
_EPOCH = date(1899, 12, 30)
_SHORT_YEAR = 2

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        rf"(?P<year>\d{{4}}){_SEPARATOR}(?P<month>\d{{1,2}}){_SEPARATOR}(?P<day>\d{{1,2}})",
        r"(?P<year>\d{2,4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号號]?",
        r"民[国國]\s*(?P<republic>\d{1,3})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号號]?",
        rf"(?P<day>\d{{1,2}}){_ORDINAL}(?:\s+of)?{_SEPARATOR}{_NAME}{_SEPARATOR}(?P<year>\d{{2}}|\d{{4}})",
        rf"{_NAME}{_SEPARATOR}(?P<day>\d{{1,2}}){_ORDINAL}{_SEPARATOR}(?P<year>\d{{2}}|\d{{4}})",
        rf"(?P<year>\d{{4}}){_SEPARATOR}{_NAME}{_SEPARATOR}(?P<day>\d{{1,2}})",
    )
)
_YEAR = re.compile(r"(?P<year>[12]\d{3})(?:\s*年(?:\s*(?:0?[1-9]|1[0-2])\s*月)?|\s*[-/.]\s*(?:0?[1-9]|1[0-2]))?")
_UNORDERED = re.compile(rf"(?P<one>\d{{1,2}}){_SEPARATOR}(?P<two>\d{{1,2}}){_SEPARATOR}(?P<year>\d{{2}}|\d{{4}})")
_CLOCK = re.compile(
    r"(?:^|[T\s日号號])\s*(?P<before>上午|下午|晚上|am|pm)?\s*(?P<hour>\d{1,2})[:点點时時]\s*(?P<minute>\d{1,2})?"
    r"(?:[:分]\s*(?P<second>\d{1,2}))?(?:[.,](?P<fraction>\d{1,9}))?\s*[分秒]?\s*(?P<after>am|pm)?"
    r"\s*(?P<zone>z|utc|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_AFTERNOON = frozenset({"下午", "晚上", "pm"})
_NOON = 12


class Order(StrEnum):
    """In which order days and months of a column stand, where the values alone do not say."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


def cleaned_date(value: object, *, order: Order | None = None) -> Cleaned[date]:
    """The day that a cell means; a time of day beside it is dropped.

    Takes ``2024-03-05``, ``2024/3/5``, ``20240305``, ``2024年3月5日``, ``二〇二四年三月五日``, ``民國113年3月5日``,
    ``5 Mar 2024``, ``March 5th, 2024``, ``5/3/2024`` (with ``order``, or where only one order is possible), and the day
    numbers of spreadsheets.

    Raises:
        NotUnderstood: It is no day, or could be two.
    """
    if isinstance(value, datetime):
        return Cleaned(value.date())
    if isinstance(value, date):
        return Cleaned(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Cleaned(_of_serial(float(value)).date(), (Change.SERIAL_READ,))
    text = _plain(value)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return Cleaned(_of_serial(float(text)).date(), (Change.SERIAL_READ,))
    clock = _CLOCK.search(text)
    day = _day(_without(text, clock), value, order)
    return Cleaned(day, () if day.isoformat() == value else (Change.DATE_READ,))


def cleaned_year(value: object, *, order: Order | None = None) -> Cleaned[int]:
    """The year that a cell means: four digits, ``2010年``, ``2010年5月``, ``2010-05``, or the year of a day.

    Raises:
        NotUnderstood: It is no year, and no day.
    """
    text = str(int(value)) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value
    found = _YEAR.fullmatch(_plain(text)) if isinstance(text, str) else None
    if found is not None:
        return Cleaned(int(found["year"]), () if value in {found["year"], int(found["year"])} else (Change.DATE_READ,))
    return Cleaned(cleaned_date(value, order=order).value.year, (Change.DATE_READ,))


def cleaned_datetime(value: object, *, zone: tzinfo, order: Order | None = None) -> Cleaned[datetime]:
    """The moment that a cell means: a day as above, and a time of day, by the clock of ``zone`` unless it says its own.

    Raises:
        NotUnderstood: It is no moment, or could be two.
    """
    if isinstance(value, datetime):
        return Cleaned(value if value.tzinfo else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return Cleaned(datetime.combine(value, time(), zone), (Change.DATE_READ,))
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Cleaned(_of_serial(float(value)).replace(tzinfo=zone), (Change.SERIAL_READ,))
    text = _plain(value)
    clock = _CLOCK.search(text)
    day = _day(_without(text, clock), value, order)
    moment = datetime.combine(day, time(), zone) if clock is None else _at(day, clock, zone, value)
    return Cleaned(moment, () if moment.isoformat() == value else (Change.DATE_READ,))


def _plain(value: object) -> str:
    if not isinstance(value, str):
        raise NotUnderstood("not_a_date", value)
    text = narrow(cleaned_text(value).value)
    if "年" not in text:
        return text
    text = _CHINESE_NUMBER.sub(lambda found: str(_tens(found[0])), text)
    return text.translate(_DIGITS)


def _tens(text: str) -> int:
    tens, _, ones = text.partition("十")
    digits = "零一二三四五六七八九"
    return 10 * (digits.index(tens) if tens else 1) + (digits.index(ones) if ones else 0)


def _without(text: str, clock: re.Match[str] | None) -> str:
    if clock is None:
        return text
    # The sign of the day belongs to the day, although it stands before the time.
    kept = 1 if text[clock.start() : clock.start() + 1] in {"日", "号", "號"} else 0
    return text[: clock.start() + kept].strip()


def _day(text: str, value: object, order: Order | None) -> date:
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _known(found, value)
    if found := _UNORDERED.fullmatch(text):
        return _unordered(found, value, order)
    raise NotUnderstood("not_a_date", value)


def _known(found: re.Match[str], value: object) -> date:
    groups = found.groupdict()
    name = groups.get("name")
    month = _MONTHS[name[:3].lower()] if name else int(groups["month"])
    republic = groups.get("republic")
    if republic is None and len(groups["year"]) <= _SHORT_YEAR:
        raise NotUnderstood("short_year", value)
    year = int(republic) + _REPUBLIC if republic else int(groups["year"])
    return _existing(year, month, int(groups["day"]), value)


def _unordered(found: re.Match[str], value: object, order: Order | None) -> date:
    if len(found["year"]) <= _SHORT_YEAR:
        raise NotUnderstood("short_year", value)
    year, one, two = int(found["year"]), int(found["one"]), int(found["two"])
    if order is Order.DAY_FIRST:
        return _existing(year, two, one, value)
    if order is Order.MONTH_FIRST:
        return _existing(year, one, two, value)
    possible = list(dict.fromkeys(_possible(year, one, two)))
    if not possible:
        raise NotUnderstood("no_such_day", value)
    if len(possible) > 1:
        raise NotUnderstood("ambiguous_date", value, one=possible[0], two=possible[1])
    return possible[0]


def _possible(year: int, one: int, two: int) -> Iterator[date]:
    make: Callable[[int, int, int], date] = date
    for month, day in ((two, one), (one, two)):
        try:
            yield make(year, month, day)
        except ValueError:
            continue


def _existing(year: int, month: int, day: int, value: object) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NotUnderstood("no_such_day", value) from None


def _at(day: date, clock: re.Match[str], zone: tzinfo, value: object) -> datetime:
    half = (clock["before"] or clock["after"] or "").lower()
    hour = int(clock["hour"])
    if half in _AFTERNOON and hour < _NOON:
        hour += _NOON
    elif half == "am" and hour == _NOON:
        hour = 0
    micro = int((clock["fraction"] or "").ljust(6, "0")[:6])
    try:
        plain = time(hour, int(clock["minute"] or 0), int(clock["second"] or 0), micro)
        return datetime.combine(day, plain, _zone(clock["zone"]) or zone)
    except ValueError:
        raise NotUnderstood("no_such_day", value) from None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    return datetime.strptime("+0000" if text.lower() in {"z", "utc"} else text, "%z").tzinfo


def _of_serial(serial: float) -> datetime:
    # Before March 1900 spreadsheets disagree by a day; nobody means a date there.
    if not _FIRST_SERIAL <= serial <= _LAST_SERIAL + 1:
        raise NotUnderstood("not_a_date", f"{serial:g}")
    whole = datetime.combine(_EPOCH, time()) + timedelta(milliseconds=round(serial * 86_400_000))
    return whole.replace(microsecond=whole.microsecond // 1000 * 1000)
