"""Parameters of a list: page size, cursor, sort order, fields, filter, count."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, or_, tuple_

from crm_platform.errors import InvalidParameter
from crm_platform.reads.resource import Resource, Sort
from crm_platform.search.question import Question
from crm_platform.search.values import value_filter, without_relevance
from crm_platform.words import Words

PAGE_PARAMETERS = ("limit", "cursor", "sort", "fields", "filter", "count")
SEARCH_PARAMETERS = ("q", "match")
DEFAULT_LIMIT = 50
MAX_SORT_KEYS = 3
_DIGITS = 9
CountMode: TypeAlias = Literal["estimate", "exact"]
_COUNTS: Mapping[str, CountMode] = {"estimate": "estimate", "exact": "exact"}


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the order of a list."""

    name: str
    descending: bool
    sort: Sort


@dataclass(frozen=True, slots=True)
class PageParams:
    """What a client asked of a list."""

    limit: int
    order: tuple[SortKey, ...]
    after: tuple[Any, ...] | None
    fields: tuple[str, ...] | None
    filter: str | None
    count: CountMode | None
    question: Question | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str], resource: Resource, *, max_limit: int) -> "PageParams":
        """Read the parameters.

        Raises:
            InvalidParameter: A value cannot be used; the error names the parameter.
        """
        question = Question.parse(query.get("q"), query.get("match")) if resource.search else None
        sort, filter_text = query.get("sort", resource.default_sort), query.get("filter") or None
        order = _parse_sort(sort, resource.sort_keys(found=question is not None))
        if question is not None and (asked := value_filter(question.text, resource)) is not None:
            filter_text = asked if filter_text is None else f"{asked} && ({filter_text})"
            order, question = _parse_sort(without_relevance(sort, resource), resource.sorts), None
        return cls(
            limit=_parse_limit(query.get("limit"), max_limit),
            order=order,
            after=_parse_cursor(query.get("cursor"), order, _about(filter_text, question)),
            fields=_parse_fields(query.get("fields"), resource),
            filter=filter_text,
            count=_parse_count(query.get("count")),
            question=question,
        )

    def cursor_after(self, values: Sequence[Any]) -> str:
        """The cursor of the page that starts after the row with these sort values."""
        about = _about(self.filter, self.question)
        content = orjson.dumps([_fingerprint(self.order, about), *values], default=str)
        return urlsafe_b64encode(content).rstrip(b"=").decode()

    def shape(self) -> tuple[Any, ...]:
        """What decides the text of the statement besides the filter, for the statement cache."""
        order = tuple((key.name, key.descending) for key in self.order)
        return (order, self.after is not None, self.fields, self.question is not None)


def _parse_limit(text: str | None, maximum: int) -> int:
    if text is None:
        return min(DEFAULT_LIMIT, maximum)
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS and 1 <= int(text) <= maximum:
        return int(text)
    message = Words(f"a whole number from 1 to {maximum}", f"应为 1 到 {maximum} 的整数")
    raise InvalidParameter(parameter="limit", message=message)


def _parse_sort(text: str, sorts: Mapping[str, Sort]) -> tuple[SortKey, ...]:
    keys = []
    for part in text.split(","):
        name = part.removeprefix("-")
        if name not in sorts:
            known = ", ".join(sorts)
            message = Words(f"cannot sort by `{name}`; possible: {known}", f"不能按“{name}”排序；可用：{known}")
            raise InvalidParameter(parameter="sort", message=message)
        keys.append(SortKey(name, part.startswith("-"), sorts[name]))
    if len(keys) > MAX_SORT_KEYS or len({key.name for key in keys}) < len(keys):
        message = Words(f"at most {MAX_SORT_KEYS} different keys", f"最多 {MAX_SORT_KEYS} 个不同的排序字段")
        raise InvalidParameter(parameter="sort", message=message)
    if keys[-1].name != "id":
        tie = keys[0].sort.tie if len(keys) == 1 else None
        keys.append(SortKey("id", keys[-1].descending, tie or sorts["id"]))
    return tuple(keys)


def _parse_fields(text: str | None, resource: Resource) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(text.split(",")))
    known = resource.field_names()
    for name in names:
        if name not in known:
            listed = ", ".join(known)
            message = Words(f"there is no field `{name}`; known ones: {listed}", f"没有字段“{name}”；可用：{listed}")
            raise InvalidParameter(parameter="fields", message=message)
    return names


def _parse_count(text: str | None) -> CountMode | None:
    if text is None:
        return None
    if (count := _COUNTS.get(text)) is not None:
        return count
    raise InvalidParameter(parameter="count", message=Words("`estimate` or `exact`", "应为 estimate 或 exact"))


def _about(filter_text: str | None, question: Question | None) -> tuple[str | None, ...]:
    """What a cursor belongs to, besides the order."""
    return (filter_text, *((question.text, question.match) if question else ()))


def _fingerprint(order: Sequence[SortKey], about: Sequence[str | None]) -> str:
    spelled = orjson.dumps([[(key.name, key.descending) for key in order], *about])
    return hashlib.blake2b(spelled, digest_size=6).hexdigest()


def _parse_cursor(text: str | None, order: Sequence[SortKey], about: Sequence[str | None]) -> tuple[Any, ...] | None:
    if text is None:
        return None
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        fingerprint, *values = orjson.loads(urlsafe_b64decode(padded))
        if len(values) != len(order):
            raise ValueError(text)  # noqa: TRY301  (every way to be wrong ends in the one refusal below)
        parsed = tuple(_storable(key.sort.parse(value)) for key, value in zip(order, values, strict=True))
    except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
        message = Words("not a cursor that this list gave out", "不是此列表给出的游标")
        raise InvalidParameter(parameter="cursor", message=message) from error
    if fingerprint != _fingerprint(order, about):
        message = Words(
            "belongs to a list with another sort, filter or search", "属于排序、过滤条件或搜索内容不同的列表"
        )
        raise InvalidParameter(parameter="cursor", message=message)
    return parsed


def _storable(value: Any) -> Any:
    """A parsed value of a cursor, which anybody may have written.

    Raises:
        ValueError: A time without a zone, as no cursor of ours has.
        OverflowError: A time that does not exist in UTC.
    """
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(value)
    return value.astimezone(UTC)


def after_condition(order: Sequence[SortKey]) -> ColumnElement[bool]:
    """Rows that come after the cursor, whose values are the parameters ``after_0``, ``after_1`` and so on."""
    columns = [key.sort.column for key in order]
    values = [bindparam(f"after_{index}", type_=column.type) for index, column in enumerate(columns)]
    if len({key.descending for key in order}) == 1:
        left, right = tuple_(*columns), tuple_(*values)
        return left < right if order[0].descending else left > right
    steps = []
    for index, key in enumerate(order):
        equal = [columns[i] == values[i] for i in range(index)]
        beyond = columns[index] < values[index] if key.descending else columns[index] > values[index]
        steps.append(and_(*equal, beyond))
    return or_(*steps)
