"""Rows of any file, their places, and the position from which reading goes on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from crm_platform.files.problems import Place, Problem

Value = str | int | float | Decimal | bool | date | datetime | time | list["Value"] | dict[str, "Value"] | None
"""What a cell can hold: text, numbers, dates; lists and objects in formats that nest."""

_ALPHABET = 26


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask for; beyond it the file or the row is refused.

    Attributes:
        columns: Columns of a table.
        cell_characters: Characters of one cell; Excel itself allows 32,767.
        record_bytes: Bytes of one record, embedded line breaks included.
        depth: Nesting of one JSON object.
        unpacked_bytes: Bytes of all parts of a packed file together.
        parts: Parts of a packed file.
    """

    columns: int = 2_000
    cell_characters: int = 100_000
    record_bytes: int = 1 << 20
    depth: int = 16
    unpacked_bytes: int = 4 << 30
    parts: int = 10_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Mark:
    """Where reading goes on: behind a row. Small enough to be kept with every step of a long work.

    Attributes:
        row: Number of the row that was read last.
        offset: Bytes of the file that are behind; 0 where the format has no such position (XLSX), which is then read
            again up to ``row``.
        line: Lines of text that are behind.
    """

    row: int = 0
    offset: int = 0
    line: int = 0

    def as_json(self) -> dict[str, int]:
        """The mark as a JSON object."""
        return {"row": self.row, "offset": self.offset, "line": self.line}

    @classmethod
    def of(cls, kept: Mapping[str, int]) -> "Mark":
        """The mark that :meth:`as_json` gave."""
        return cls(kept["row"], kept["offset"], kept["line"])


BEGINNING = Mark()


@dataclass(slots=True)
class Row:
    """One row or record.

    Attributes:
        number: Row of the table, counted from 1, header included.
        line: First line of its text; None where the file has no lines.
        values: Values by column, in the order of the columns; nested in formats that nest. None where a cell is empty.
        problems: What is wrong with it; a row with problems holds what could be read.
        mark: Where reading goes on behind it.
    """

    number: int
    line: int | None
    values: dict[str, Value]
    mark: Mark
    problems: list[Problem] = field(default_factory=list)


class Rows(Protocol):
    """An open file, as every format gives it.

    Attributes:
        format: ``csv``, ``xlsx``, ``jsonl`` or ``vcard``.
        details: How it was read, to be shown and given back: encoding, delimiter, sheets.
        columns: Names of the columns, in order; empty where each record names its own.
    """

    format: str
    details: Mapping[str, object]
    columns: tuple[str, ...]

    def read(self, after: Mark = BEGINNING) -> Iterator[Row]:
        """The rows behind ``after``; header, blank lines and empty rows are passed over.

        Raises:
            UnreadableFile: The file cannot be read any further.
        """
        ...

    def place(self, row: Row, column: str | None = None) -> Place:
        """Where a cell of a row is, for a message."""
        ...


def letters(index: int) -> str:
    """The name of a column in a spreadsheet: 0 is ``A``, 26 is ``AA``."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, _ALPHABET)
        name = chr(ord("A") + rest) + name
    return name


def column_names(header: Sequence[object]) -> tuple[str, ...]:
    """Names for the columns of a header: unique, never empty.

    A name that occurs again gets a number, a cell without one its letters: ``("电话", "电话", None)`` is
    ``("电话", "电话 (2)", "C")``. Cells without a name at the end are no columns.
    """
    texts = [" ".join(str(cell).split()) if cell is not None else "" for cell in header]
    while texts and not texts[-1]:
        texts.pop()
    taken: set[str] = set(texts)
    names: list[str] = []
    seen: set[str] = set()
    for index, text in enumerate(texts):
        name, number = text or letters(index), 1
        while name in seen or (name != text and name in taken):
            number += 1
            name = f"{text or letters(index)} ({number})"
        seen.add(name)
        names.append(name)
    return tuple(names)


def flat(values: Mapping[str, Value]) -> dict[str, Value]:
    """Nested values under dotted names: ``{"tel": [{"value": "1"}]}`` is ``{"tel.1.value": "1"}``.

    Lists are counted from 1; a list of plain values stays one value.
    """
    found: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}": one for inner, one in flat(value).items()}
        elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
            numbered: dict[str, Value] = {str(number): one for number, one in enumerate(value, 1)}
            found |= {f"{name}.{inner}": one for inner, one in flat(numbered).items()}
        else:
            found[name] = value
    return found
