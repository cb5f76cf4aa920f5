"""Portions of a file as drafts; runs in a process of its own, so it takes and returns what can be pickled."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from crm_contracts.imports.v1 import ImportColumn, ImportMapping
from crm_platform.files.formats import Format, Options, open_rows
from crm_platform.files.problems import Problem, UnreadableFile
from crm_platform.files.rows import BEGINNING, Mark, Row, Rows, Value, flat
from crm_platform.mapping.suggest import Source, suggestions
from crm_platform.mapping.targets import Target
from customer_svc.imports.rows.drafts import Draft, Understanding
from customer_svc.imports.rows.fields import FIELDS
from customer_svc.imports.rows.looked import Looked

SAMPLED: Final = 200
"""Rows that are looked at for suggestions."""
MOST_COLUMNS: Final = 500
_KEPT_OPEN: Final = 4


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a file is."""

    format: str
    details: dict[str, Any]
    columns: tuple[ImportColumn, ...]


@dataclass(slots=True)
class Portion:
    """Some rows of a file.

    Attributes:
        drafts: What they say.
        mark: Where reading goes on.
        is_last: Whether the file ends here.
        unreadable: Why the file cannot be read any further.
        looked: What was told of them ahead of their turn, where anybody has looked.
    """

    drafts: list[Draft] = field(default_factory=list)
    mark: dict[str, int] = field(default_factory=dict)
    is_last: bool = False
    unreadable: Problem | None = None
    looked: Looked | None = None


def read_options(kept: Mapping[str, Any]) -> Options:
    """How a file is read, out of JSON."""
    kind = kept.get("format")
    return Options(**{**kept, "format": None if kind is None else Format(kind)})


def inspected(path: str, options: dict[str, Any], fields: Sequence[Target] = FIELDS) -> Inspected:
    """What the file is, and which of ``fields`` its columns probably are.

    Raises:
        UnreadableFile: It cannot be read.
    """
    with open_rows(Path(path), read_options(options)) as rows:
        sample = [flat(row.values) if rows.format in _NESTED else row.values for row in islice(rows.read(), SAMPLED)]
        names = list(rows.columns) or list(dict.fromkeys(name for values in sample for name in values))
        sources = [Source(name, _values(sample, name)) for name in names[:MOST_COLUMNS]]
        columns = tuple(
            ImportColumn(
                name=one.column,
                field=one.target,
                confidence=one.confidence,
                because=one.because.en,
                because_zh=one.because.zh,
            )
            for one in suggestions(sources, fields)
        )
        return Inspected(rows.format, {key: value for key, value in rows.details.items() if _plain(value)}, columns)


_NESTED = frozenset({Format.JSON_LINES.value, Format.VCARD.value})


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _values(sample: list[dict[str, Value]], name: str) -> list[Value]:
    return [values[name] for values in sample if values.get(name) is not None][:SAMPLED]


class Stretch(NamedTuple):
    """Which rows of a file are wanted: those behind a mark, so many, read under options and a mapping."""

    path: str
    options: dict[str, Any]
    mapping: ImportMapping
    mark: dict[str, int] | None
    size: int


def portion(
    path: str, options: dict[str, Any], mapping: ImportMapping, mark: dict[str, int] | None, size: int
) -> Portion:
    """The next rows behind ``mark``, as drafts."""
    try:
        return _portion(path, options, mapping, mark, size)
    except UnreadableFile as error:
        return Portion(unreadable=error.problem)


def _portion(
    path: str, options: dict[str, Any], mapping: ImportMapping, mark: dict[str, int] | None, size: int
) -> Portion:
    with ExitStack() as until_failure:
        opened = _OPEN.take(path, options, mark)
        until_failure.callback(opened.close)
        understanding = opened.understood_by(mapping)
        found = [*opened.read_on, *islice(opened.stream, size + 1 - len(opened.read_on))]
        drafts = [understanding.draft(row) for row in found[:size]]
        if len(found) <= size:
            return Portion(drafts, is_last=True)
        behind = found[size - 1].mark
        opened.read_on = (found[size],)
        _OPEN.keep(path, options, behind.as_json(), opened)
        until_failure.pop_all()
    return Portion(drafts, behind.as_json())


@dataclass(slots=True)
class _Open:
    """A file between two portions.

    Attributes:
        rows: What reads it.
        stream: The rows that are to come.
        close: Closes it.
        read_on: The row that stands before these, as it was read to know that there is one.
        understanding: What has read the rows before, with what it has learnt.
    """

    rows: Rows
    stream: Iterator[Row]
    close: Callable[[], None]
    read_on: tuple[Row, ...] = ()
    understanding: Understanding | None = None

    def understood_by(self, mapping: ImportMapping) -> Understanding:
        """What reads the rows under a mapping."""
        if self.understanding is None or self.understanding.mapping != mapping:
            self.understanding = Understanding(mapping, self.rows)
        return self.understanding


class _OpenFiles:
    """Files between two portions: a workbook that is opened again would be read again from its beginning.

    Nothing depends on it: what is not here is opened, and read from its mark.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], _Open] = OrderedDict()

    def take(self, path: str, options: dict[str, Any], mark: dict[str, int] | None) -> _Open:
        """The file, with its rows behind a mark."""
        kept = self._kept.pop(_key(path, options, mark), None)
        if kept is not None:
            return kept
        stack = ExitStack()
        rows = stack.enter_context(open_rows(Path(path), read_options(options)))
        return _Open(rows, rows.read(Mark.of(mark) if mark else BEGINNING), stack.close)

    def keep(self, path: str, options: dict[str, Any], mark: dict[str, int], opened: _Open) -> None:
        """Keep a file open until its next portion is wanted, or others are."""
        self._kept[_key(path, options, mark)] = opened
        while len(self._kept) > _KEPT_OPEN:
            self._kept.popitem(last=False)[1].close()


def _key(path: str, options: dict[str, Any], mark: dict[str, int] | None) -> tuple[Any, ...]:
    return (path, *sorted((name, str(value)) for name, value in options.items()), *sorted((mark or {}).items()))


_OPEN: Final = _OpenFiles()
