"""XLSX, written as a stream: the first bytes leave with the first rows, and nothing is kept on a disk.

Libraries put all sheets into temporary files and pack them at the end. A sheet is only a long text, and ZIP can be
written to what cannot seek; so each batch of rows is formatted, packed and gone.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import IO

from typing_extensions import Buffer

from crm_platform.files.rows import Value, letters
from crm_platform.files.writing import Column, Record, as_text
from crm_platform.files.xlsx import skeleton
from crm_platform.files.xlsx.sheet import MAX_ROWS

_MAX_TEXT = 32_767
"""Characters that Excel allows in a cell."""
_MAX_SHEET = 2_000_000_000
"""Bytes of a sheet. From 2 GiB on ZIP needs 64-bit sizes, which Excel refuses in what was written as a stream."""
_EXACT = 10**15
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - cells know no zone
_FIRST_DAY = date(1900, 3, 1)
"""Before it the serial numbers are one off, see ``styles``."""
_LEVEL = 3
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_MARKUP = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class XlsxWriter:
    """A workbook; where the rows do not fit on one sheet, it has several, each with the header.

    Texts are never formulas. Whole numbers beyond the 15 digits that Excel keeps are written as text. A text beyond the
    32,767 characters of a cell is cut, and counted.

    Args:
        columns: In this order; their labels are the header.
        sheet: Name of the sheet; those that follow are numbered.
        sheet_rows: Rows of one sheet, header included.

    Attributes:
        cut: Cells whose text had to be cut so far.
    """

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    extension = "xlsx"

    def __init__(self, columns: Sequence[Column], *, sheet: str = "Sheet1", sheet_rows: int = MAX_ROWS) -> None:
        self._columns, self._name, self._sheet_rows = columns, sheet, sheet_rows
        self._letters = [letters(index) for index in range(len(columns))]
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._sheets = self._row = self._size = self.cut = 0
        self._sheet: IO[bytes] | None = None

    def begin(self) -> bytes:
        """The beginning of the package, and the first header."""
        self._zip.writestr("[Content_Types].xml", skeleton.CONTENT_TYPES)
        self._zip.writestr("_rels/.rels", skeleton.RELATIONS)
        self._zip.writestr("xl/styles.xml", skeleton.STYLES)
        self._begin_sheet()
        return self._sink.take()

    def write(self, records: Sequence[Record]) -> bytes:
        """These rows."""
        done = 0
        while done < len(records):
            if self._row >= self._sheet_rows or self._size > _MAX_SHEET:
                self._begin_sheet()
            room = self._sheet_rows - self._row
            self._put("".join(map(self._line, records[done : done + room])))
            done += room
        return self._sink.take()

    def end(self) -> bytes:
        """The last sheet's end, and the directory."""
        self._end_sheet()
        self._zip.writestr("xl/workbook.xml", skeleton.workbook(self._name, self._sheets))
        self._zip.writestr("xl/_rels/workbook.xml.rels", skeleton.workbook_relations(self._sheets))
        self._zip.close()
        return self._sink.take()

    def close(self) -> None:
        """Give up; what was packed is forgotten."""
        if self._sheet is not None:
            self._sheet.close()
            self._sheet = None
        self._zip.close()
        self._sink.take()

    def _begin_sheet(self) -> None:
        self._end_sheet()
        self._sheets += 1
        self._row = self._size = 0
        # The same moment in every file: equal rows give equal bytes.
        part = zipfile.ZipInfo(f"xl/worksheets/sheet{self._sheets}.xml")
        part.compress_type, part._compresslevel = zipfile.ZIP_DEFLATED, _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - no other way
        self._sheet = self._zip.open(part, "w")
        header = "".join(
            f'<c r="{letter}1" s="{skeleton.HEADER}" t="inlineStr"><is><t xml:space="preserve">'
            f"{self._escaped(column.header)}</t></is></c>"
            for letter, column in zip(self._letters, self._columns, strict=True)
        )
        self._row = 1
        self._put(f'{skeleton.sheet_begin(len(self._columns))}<row r="1">{header}</row>')

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._put(skeleton.SHEET_END)
            self._sheet.close()
            self._sheet = None

    def _put(self, text: str) -> None:
        raw = text.encode()
        self._size += len(raw)
        if self._sheet is not None:
            self._sheet.write(raw)

    def _line(self, record: Record) -> str:
        self._row += 1
        number = self._row
        cells = [
            self._cell(f"{letter}{number}", value)
            for letter, column in zip(self._letters, self._columns, strict=True)
            if (value := record.get(column.name)) is not None
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _cell(self, place: str, value: Value) -> str:
        if isinstance(value, str):
            return self._text(place, value)
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, int | float | Decimal):
            exact = _number(value)
            return self._text(place, as_text(value)) if exact is None else f'<c r="{place}"><v>{exact}</v></c>'
        if isinstance(value, date | time) and (serial := _serial(value)) is not None:
            style = skeleton.style_of(value)
            return f'<c r="{place}" s="{style}"><v>{serial}</v></c>'
        return self._text(place, as_text(value))

    def _text(self, place: str, text: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{self._escaped(text)}</t></is></c>'

    def _escaped(self, text: str) -> str:
        if len(text) > _MAX_TEXT:
            self.cut += 1
            text = f"{text[: _MAX_TEXT - 1]}…"
        if _FORBIDDEN.search(text):
            text = _FORBIDDEN.sub(_hidden, text)
        return _MARKUP.sub(lambda found: _ENTITIES[found[0]], text) if _MARKUP.search(text) else text


class _Sink(io.RawIOBase):
    """Where the package is written to: it cannot seek, and gives away what it has."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = bytearray()

    def writable(self) -> bool:
        """It is only written to."""
        return True

    def write(self, data: Buffer) -> int:
        """Keep some bytes until they are taken."""
        before = len(self._kept)
        self._kept += data
        return len(self._kept) - before

    def take(self) -> bytes:
        """What was written since it was taken last."""
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


def _hidden(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= code <= 0xDFFF else f"_x{code:04X}_"  # noqa: PLR2004 - surrogates


def _number(value: float | Decimal) -> str | None:
    """The number as Excel keeps it; None where it would lose digits."""
    if isinstance(value, int):
        return str(value) if abs(value) < _EXACT else None
    if isinstance(value, float):
        return repr(value) if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - not a number
    if not value.is_finite() or len(value.normalize().as_tuple().digits) > len(str(_EXACT)) - 1:
        return None
    return f"{value:f}"


def _serial(value: date | time) -> str | None:
    """Days since the beginning of time of spreadsheets; None for days that they do not know."""
    if isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        return repr(seconds / 86_400) if value.tzinfo is None else None
    if not isinstance(value, datetime):
        return str((value - _EPOCH.date()).days) if value >= _FIRST_DAY else None
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    if value.date() < _FIRST_DAY:
        return None
    passed = value - _EPOCH
    return repr(passed.days + (passed.seconds + passed.microseconds / 1e6) / 86_400)
