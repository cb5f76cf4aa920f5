"""JSON Lines, read as a stream: one object on each line (https://jsonlines.org)."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Never

from crm_platform.files.encoding import garbled
from crm_platform.files.problems import Place, Problem
from crm_platform.files.rows import BEGINNING, Mark, Row, Value
from crm_platform.files.text import Lines
from crm_platform.files.text_rows import TextRows


def _refuse_constant(name: str) -> Never:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)


class JsonRows(TextRows):
    """A JSON Lines file; each object names its own columns. Fractions are read as decimals, exactly.

    Args:
        source: The file, open for reading bytes, seekable.
        encoding: Name of its character encoding; it should be UTF-8.
        limits: What the file may ask for.

    Raises:
        UnreadableFile: It is empty, or its encoding is not clear.
    """

    format = "jsonl"

    def read(self, after: Mark = BEGINNING) -> Iterator[Row]:
        """The objects behind ``after``; a row is a line."""
        lines = Lines(self._source, self._encoding, after, record_bytes=self._limits.record_bytes)
        for text in lines:
            if not text.isspace():
                yield self._row(text, lines)
            lines.begin()

    def place(self, row: Row, column: str | None = None) -> Place:
        """Where a member of a row is, for a message."""
        return Place(row=row.number, line=row.line, column=column)

    def _row(self, text: str, lines: Lines) -> Row:
        row = Row(lines.line, lines.line, {}, Mark(lines.line, lines.offset, lines.line))
        if lines.damaged:
            self._report(row, "undecodable", encoding=self._encoding.name)
            return row
        if sample := garbled(text):
            self._report(row, "garbled", sample=sample)
        try:
            value = _DECODER.decode(text)
        except RecursionError:
            self._report(row, "too_deep", limit=self._limits.depth)
            return row
        except ValueError:
            self._report(row, "not_json")
            return row
        if not isinstance(value, dict):
            self._report(row, "not_an_object")
        elif text.count("{") + text.count("[") > self._limits.depth and _depth(value) > self._limits.depth:
            self._report(row, "too_deep", limit=self._limits.depth)
        else:
            row.values = value
        return row

    def _report(self, row: Row, code: str, **params: object) -> None:
        row.problems.append(Problem(code, self.place(row), params))


def _depth(value: Value) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
