"""CSV, JSON Lines and vCard, written as a stream."""

import codecs
import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from crm_platform.files.injection import neutralised
from crm_platform.files.rows import Value
from crm_platform.files.vcard.card import lines_of
from crm_platform.files.vcard.content import folded
from crm_platform.files.writing import Column, Record, as_json, as_text


class CsvWriter:
    """CSV by RFC 4180 in UTF-8, safe to open in a spreadsheet: see :mod:`crm_platform.files.injection`.

    Args:
        columns: In this order; their labels are the header.
        bom: Begin with a byte order mark, without which Excel takes the file for its own legacy encoding.
        delimiter: Between two cells.
    """

    media_type, extension = "text/csv; charset=utf-8", "csv"

    def __init__(self, columns: Sequence[Column], *, bom: bool = True, delimiter: str = ",") -> None:
        self._columns, self._bom, self._delimiter = columns, bom, delimiter

    def begin(self) -> bytes:
        """The header."""
        mark = codecs.BOM_UTF8 if self._bom else b""
        return mark + self._bytes([[neutralised(one.header) for one in self._columns]])

    def write(self, records: Sequence[Record]) -> bytes:
        """The lines of these rows."""
        names = [one.name for one in self._columns]
        return self._bytes([[_cell(record.get(name)) for name in names] for record in records])

    def end(self) -> bytes:
        """Nothing."""
        return b""

    def close(self) -> None:
        """Nothing is open."""

    def _bytes(self, rows: Sequence[Sequence[str]]) -> bytes:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=self._delimiter, lineterminator="\r\n").writerows(rows)
        return buffer.getvalue().encode("utf-8", "replace")


class JsonWriter:
    """JSON Lines: one object on each line, with nothing left out.

    Args:
        columns: The members of each object, in this order; all that a record has without.
    """

    media_type, extension = "application/jsonl", "jsonl"

    def __init__(self, columns: Sequence[Column] | None = None) -> None:
        self._names = None if columns is None else [one.name for one in columns]

    def begin(self) -> bytes:
        """Nothing."""
        return b""

    def write(self, records: Sequence[Record]) -> bytes:
        """The lines of these rows."""
        return b"".join(as_json(self._chosen(record)) + b"\n" for record in records)

    def end(self) -> bytes:
        """Nothing."""
        return b""

    def close(self) -> None:
        """Nothing is open."""

    def _chosen(self, record: Record) -> dict[str, Value]:
        if self._names is None:
            return dict(record)
        return {name: record.get(name) for name in self._names}


class VcardWriter:
    """vCard; records are cards as :mod:`crm_platform.files.vcard` describes them.

    Args:
        version: ``3.0``, which every program reads, or ``4.0``.
    """

    media_type, extension = "text/vcard; charset=utf-8", "vcf"

    def __init__(self, version: Literal["3.0", "4.0"] = "4.0") -> None:
        self._version = version

    def begin(self) -> bytes:
        """Nothing."""
        return b""

    def write(self, records: Sequence[Record]) -> bytes:
        """These cards."""
        pieces = (piece for record in records for line in lines_of(record, self._version) for piece in folded(line))
        return "".join(pieces).encode("utf-8", "replace")

    def end(self) -> bytes:
        """Nothing."""
        return b""

    def close(self) -> None:
        """Nothing is open."""


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return neutralised(value)
    if isinstance(value, int | float | Decimal):
        return as_text(value)
    return neutralised(as_text(value))
