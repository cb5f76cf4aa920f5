"""Arrays as PostgreSQL reads them, in one text; cast as `$1::text::uuid[]`.

The driver looks at each element of an array by itself, which for thousands of keys costs more than to find them.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID


def array_literal(values: Iterable[Any]) -> str:
    """A one-dimensional array of values of any type."""
    return f"{{{','.join([_quoted(value) for value in values])}}}"


def plain_literal(values: Iterable[UUID | int | str]) -> str:
    """An array of UUIDs or whole numbers, which need no quotes; also as they are spelled."""
    return f"{{{','.join(map(str, values))}}}"


def names_literal(values: Sequence[str]) -> str:
    """An array of texts, few of which differ."""
    quoted = {value: _quoted(value) for value in set(values)}
    return f"{{{','.join(map(quoted.__getitem__, values))}}}"


def _quoted(value: Any) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
