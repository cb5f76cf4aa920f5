"""CSV and TSV, read as a stream."""

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO

from crm_platform.files.dialect import Dialect, sniffed
from crm_platform.files.encoding import Encoding, garbled
from crm_platform.files.injection import restored
from crm_platform.files.problems import Place, Problem, UnreadableFile
from crm_platform.files.rows import BEGINNING, LIMITS, Limits, Mark, Row, Value, column_names, letters
from crm_platform.files.text import Lines, encoding_of

_SNIFFED_LINES = 200

# A limit of the whole process, and lower than what a record may have; cells are judged by Limits, with their place.
csv.field_size_limit(max(csv.field_size_limit(), 1 << 24))


class CsvRows:
    """A CSV file: what is not said is found out from its beginning.

    Args:
        source: The file, open for reading bytes, seekable.
        encoding: Name of its character encoding.
        delimiter: What separates its cells.
        quote: What encloses them.
        header_row: The row with the column names, counted from 1; what stands above is passed over. None where there
            are no names: columns are then called ``A``, ``B`` …
        limits: What the file may ask for.

    Raises:
        UnreadableFile: It has no rows, no readable header, or an encoding that is not clear.
    """

    format = "csv"

    def __init__(
        self,
        source: BinaryIO,
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        quote: str | None = None,
        header_row: int | None = 1,
        limits: Limits = LIMITS,
    ) -> None:
        self._source, self._limits = source, limits
        self._encoding: Encoding = encoding_of(source, encoding)
        found = sniffed(list(islice(self._lines(BEGINNING), _SNIFFED_LINES)))
        self._dialect = Dialect(delimiter or found.delimiter, quote or found.quote, found.announced)
        self.columns, self._start = self._header(header_row)
        self.details: Mapping[str, object] = {
            "encoding": self._encoding.name,
            "encoding_proved": self._encoding.proved,
            "delimiter": self._dialect.delimiter,
            "quote": self._dialect.quote,
        }

    def read(self, after: Mark = BEGINNING) -> Iterator[Row]:
        """The rows behind ``after``."""
        lines = self._lines(max(after, self._start, key=lambda mark: mark.offset))
        number = max(after.row, self._start.row)
        for cells in self._records(lines):
            number += 1
            if any(cells):
                yield self._row(number, cells, lines)
            lines.begin()

    def place(self, row: Row, column: str | None = None) -> Place:
        """Where a cell of a row is, for a message."""
        return Place(row=row.number, line=row.line, column=column)

    def _lines(self, start: Mark) -> Lines:
        return Lines(self._source, self._encoding, start, record_bytes=self._limits.record_bytes)

    def _records(self, lines: Iterator[str]) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._dialect.delimiter, quotechar=self._dialect.quote)

    def _header(self, header_row: int | None) -> tuple[tuple[str, ...], Mark]:
        announced = int(self._dialect.announced)
        lines = self._lines(BEGINNING)
        records = self._records(lines)
        if header_row is None:
            cells = next(islice(records, announced, None), [])
            start = Mark() if not announced else self._behind(announced)
            return tuple(map(letters, range(len(cells)))), start
        header = next(islice(records, announced + header_row - 1, None), [])
        names = column_names([restored(cell) for cell in header])
        if not names:
            raise UnreadableFile("no_header", Place(row=header_row), row=header_row)
        if len(names) > self._limits.columns:
            raise UnreadableFile("too_many_columns", Place(row=header_row), limit=self._limits.columns)
        return names, Mark(announced + header_row, lines.offset, lines.line)

    def _behind(self, records: int) -> Mark:
        lines = self._lines(BEGINNING)
        for _ in islice(self._records(lines), records):
            pass
        return Mark(records, lines.offset, lines.line)

    def _row(self, number: int, cells: list[str], lines: Lines) -> Row:
        line, mark = lines.record_line, Mark(number, lines.offset, lines.line)
        plain: list[Value] = [(restored(cell) if cell[0] == "'" else cell) if cell else None for cell in cells]
        row = Row(number, line, dict(zip(self.columns, plain, strict=False)), mark)
        if len(cells) != len(self.columns):
            self._report_width(row, cells)
        if lines.damaged or garbled("".join(lines.record)) or lines.record_bytes > self._limits.cell_characters:
            self._report_cells(row)
        if lines.at_end and self._is_open(lines):
            row.problems.append(Problem("unclosed_quote", self.place(row)))
        return row

    def _report_width(self, row: Row, cells: list[str]) -> None:
        expected = len(self.columns)
        if len(cells) < expected:
            row.values |= dict.fromkeys(self.columns[len(cells) :])
            code = "too_few_cells"
        elif any(cells[expected:]):
            code = "too_many_cells"
        else:
            return
        row.problems.append(Problem(code, self.place(row), {"actual": len(cells), "expected": expected}))

    def _report_cells(self, row: Row) -> None:
        for column, value in row.values.items():
            if isinstance(value, str) and (problem := self._problem(value, self.place(row, column))):
                row.problems.append(problem)
                if problem.code != "garbled":
                    row.values[column] = None

    def _problem(self, text: str, place: Place) -> Problem | None:
        if any("\ud800" <= character <= "\udfff" for character in text):
            return Problem("undecodable", place, {"encoding": self._encoding.name})
        if len(text) > self._limits.cell_characters:
            return Problem("cell_too_long", place, {"limit": self._limits.cell_characters})
        sample = garbled(text)
        return None if sample is None else Problem("garbled", place, {"sample": sample})

    def _is_open(self, lines: Lines) -> bool:
        reader = csv.reader(lines.record, delimiter=self._dialect.delimiter, quotechar=self._dialect.quote, strict=True)
        try:
            list(reader)
        except csv.Error as error:
            return "unexpected end" in str(error)
        return False
