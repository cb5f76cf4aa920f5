"""Random rows, and random conditions on them that pass the checks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from platform_tests.cel.samples import Row, row

Texts = st.SearchStrategy[str]

_WORDS = st.sampled_from(["", "a", "A", "ab", "b", "%", "_", "\\", "'", '"', "上", "上海", "é", "😀", "\U0010ffff"])
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_TEXT = _WORDS | st.lists(_WORDS, max_size=3).map("".join) | st.text(_CHARACTERS, max_size=4)
_STAGES = st.sampled_from(["open", "won", "lost"])
_IDS = st.sampled_from([UUID(int=1), UUID(int=2), UUID(int=2**128 - 1)])
_SMALL = st.integers(-4, 4)
_SCORES = _SMALL | st.integers(-(2**15), 2**15 - 1)
_POINTS = _SMALL | st.integers(-(2**63), 2**63 - 1)
_DECIMALS = st.decimals(-3, 3, places=1) | st.decimals(-(10**15), 10**15, places=4)
_RATES = _DECIMALS | st.builds(Decimal.scaleb, st.integers(-999, 999).map(Decimal), st.integers(-15, 15))
# The very last day and moment are left out: the driver stores them as "infinity".
_DATES = st.sampled_from([date(2024, 2, 28), date(2024, 2, 29)]) | st.dates(date(1, 1, 1), date(9999, 12, 30))
_UTC = st.sampled_from([datetime(2024, 3, 31, hour, tzinfo=UTC) for hour in range(4)]) | st.datetimes(
    datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30"), timezones=st.just(UTC)
)
_BOOLS = st.booleans()


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


_COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "name": _TEXT, "title": _TEXT, "stage": _STAGES, "score": _SCORES, "points": _POINTS, "amount": _DECIMALS,
    "currency": st.sampled_from(["CNY", "USD"]), "rate": _RATES, "active": _BOOLS, "vip": _BOOLS, "due": _DATES,
    "seen": _UTC, "closed": _UTC, "owner": _IDS, "team": _IDS, "tags": st.lists(_maybe(_TEXT), max_size=3),
    "members": st.lists(_maybe(_IDS), max_size=3),
}  # fmt: skip

ROWS: st.SearchStrategy[list[Row]] = st.lists(
    st.fixed_dictionaries({name: _maybe(values) for name, values in _COLUMNS.items()}), min_size=1, max_size=5
).map(lambda drawn: [row(str(number), **values) for number, values in enumerate(drawn)])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _number(value: Decimal | int) -> str:
    """A number in the notation of CEL, which has no ``E`` without digits before it and no ``+`` sign."""
    return f"({value})" if value < 0 else str(value)


_DURATIONS = st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(
    lambda span: f'duration("{span // timedelta(microseconds=1)}us")'
)
_NUMBERS: Texts = st.recursive(
    st.sampled_from(["score", "points", "revenue.amount", "rate", "size(name)", "size(tags)", "members.size()"])
    | _POINTS.map(_number)
    | _RATES.map(_number),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner) | inner.map("-{}".format),
    max_leaves=4,
)
_INTEGERS: Texts = st.recursive(
    st.sampled_from(["score", "points"]) | _SMALL.map(_number),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner),
    max_leaves=4,
)
_STRINGS = st.sampled_from(["name", "title", "revenue.currency"]) | _TEXT.map(_quoted)
_ENUMS = st.just("stage") | _STAGES.map(_quoted)
_DAYS = st.just("due") | _DATES.map('date("{}")'.format)
_TIMES: Texts = st.recursive(
    st.sampled_from(["seen", "closed", "now"]) | _UTC.map(lambda moment: f'timestamp("{moment.isoformat()}")'),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-"), _DURATIONS),
    max_leaves=2,
)
_SPANS = st.builds("({} - {})".format, _TIMES, _TIMES) | _DURATIONS
_UUIDS = st.sampled_from(["owner", "team"])
_UUID_OR_CONSTANT = _UUIDS | _IDS.map('"{}"'.format)

_EQUAL = st.sampled_from(["==", "!="])
_ANY = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def _choice(values: Texts) -> Texts:
    """Values, some of them behind a condition."""
    return values | st.builds("(active ? {} : {})".format, values, values | st.just("null"))


def _compared(operators: Texts, left: Texts, right: Texts | None = None) -> Texts:
    return st.builds("{} {} {}".format, _choice(left), operators, right or _choice(left))


def _listed(values: st.SearchStrategy[Any], write: Callable[[Any], str]) -> Texts:
    return st.lists(values.map(write), max_size=4).map(lambda items: f"[{', '.join(items)}]")


def _text_tests(subjects: Texts) -> Texts:
    tests = st.sampled_from(["startsWith", "endsWith", "contains"])
    return st.builds("{}.{}({})".format, subjects, tests, subjects)


_ITEMS = st.just("t") | _STRINGS
_ITEM_CONDITIONS = (
    _text_tests(_ITEMS)
    | st.builds("{} {} {}".format, _ITEMS, _ANY, _ITEMS)
    | st.just("t == null")
    | _text_tests(_ITEMS)
)
_QUANTIFIED = st.builds("tags.{}(t, {})".format, st.sampled_from(["exists", "all"]), _ITEM_CONDITIONS) | st.builds(
    "members.{}(m, m {} {})".format, st.sampled_from(["exists", "all"]), _EQUAL, _UUIDS
)
_SIMPLE: Texts = st.one_of(
    st.sampled_from(["active", "vip", "true", "false"]),
    st.sampled_from(["name", "stage", "score", "rate", "active", "due", "seen", "owner"]).flatmap(
        lambda name: st.sampled_from([f"{name} == null", f"null != {name}", f"has({name})"])
    ),
    _compared(_ANY, _NUMBERS),
    _compared(_ANY, _INTEGERS),
    _compared(_ANY, _STRINGS),
    _compared(_EQUAL, _ENUMS),
    _compared(_ANY, _DAYS),
    _compared(_ANY, _TIMES),
    st.builds("{} {} {}".format, _SPANS, _ANY, _SPANS),
    st.builds("{} {} {}".format, _UUIDS, _EQUAL, _UUID_OR_CONSTANT),
    _text_tests(_STRINGS),
    st.builds("{} in {}".format, _STRINGS, _listed(_TEXT, _quoted)),
    st.builds("{} in {}".format, _NUMBERS, _listed(_RATES | _SMALL, _number)),
    st.builds("{} in {}".format, _UUIDS, _listed(_IDS, '"{}"'.format)),
    st.builds("{} in {}".format, _DAYS, _listed(_DATES, 'date("{}")'.format)),
    st.builds("{} in tags".format, _STRINGS),
    st.builds("{} in members".format, _UUID_OR_CONSTANT),
    _QUANTIFIED,
)

CONDITIONS: Texts = st.recursive(
    _SIMPLE,
    lambda inner: st.one_of(
        st.builds("({}) {} ({})".format, inner, st.sampled_from(["&&", "||", "==", "!="]), inner),
        inner.map("!({})".format),
        st.builds("({}) ? ({}) : ({})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
