"""XLSX workbooks as rows."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import BinaryIO
from xml.etree.ElementTree import Element

from crm_platform.files.encoding import garbled
from crm_platform.files.problems import Place, Problem, UnreadableFile
from crm_platform.files.rows import BEGINNING, LIMITS, Limits, Mark, Row, Value, column_names, letters
from crm_platform.files.xlsx.package import Package, local
from crm_platform.files.xlsx.sheet import Cells, Workbook, problems_of, rows_of
from crm_platform.files.xlsx.strings import SharedStrings
from crm_platform.files.xlsx.styles import cell_formats

_RELATION_ID = "}id"


class XlsxRows:
    """A workbook, of which one sheet is read. Values of formulas are those that were stored with them.

    Args:
        source: The file, open for reading bytes, seekable.
        sheet: Name of the sheet; the first visible one with cells without.
        header_row: The row with the column names, counted from 1; None where there are none, see ``CsvRows``.
        limits: What the file may ask for.

    Raises:
        UnreadableFile: It is no workbook, or has no such sheet, or no readable header.
    """

    format = "xlsx"

    def __init__(
        self, source: BinaryIO, *, sheet: str | None = None, header_row: int | None = 1, limits: Limits = LIMITS
    ) -> None:
        self._limits = limits
        package = Package(source, limits)
        part = package.related("", "officeDocument")
        if part is None:
            raise UnreadableFile("damaged", part="officeDocument")
        workbook = package.tree(part)
        sheets = _sheets(package, part, workbook)
        self._book = Workbook(
            package=package,
            formats=cell_formats(package, package.related(part, "styles")),
            since_1904=any(local(one) == "workbookPr" and one.get("date1904") in {"1", "true"} for one in workbook),
            # Last: it opens a file, which has to be closed again.
            strings=SharedStrings(package, package.related(part, "sharedStrings")),
        )
        try:
            self._sheet, self._part = self._chosen(sheets, sheet)
            self.columns, self._start = self._header(header_row)
        except BaseException:
            self.close()
            raise
        self._indexes = {name: index for index, name in enumerate(self.columns)}
        self.details: Mapping[str, object] = {"sheets": tuple(name for name, _, _ in sheets), "sheet": self._sheet}

    def read(self, after: Mark = BEGINNING) -> Iterator[Row]:
        """The rows behind ``after``; those before are passed over unread, but must be unpacked."""
        for cells in rows_of(self._book, self._part, sheet=self._sheet, after=max(after.row, self._start)):
            yield self._row(cells)

    def place(self, row: Row, column: str | None = None) -> Place:
        """Where a cell of a row is, for a message."""
        cell = None if column is None else f"{letters(self._indexes[column])}{row.number}"
        return Place(row=row.number, column=column, cell=cell, sheet=self._sheet)

    def close(self) -> None:
        """Give up what was kept beside the file."""
        self._book.strings.close()

    def _chosen(self, sheets: list[tuple[str, str, bool]], wanted: str | None) -> tuple[str, str]:
        if wanted is not None:
            for name, part, _ in sheets:
                if name == wanted:
                    return name, part
            known = ", ".join(name for name, _, _ in sheets)
            raise UnreadableFile("no_such_sheet", name=wanted[:40], known=known[:400])
        for name, part, is_visible in sheets:
            if is_visible and any(True for _ in rows_of(self._book, part, sheet=name)):
                return name, part
        raise UnreadableFile("no_sheet")

    def _header(self, header_row: int | None) -> tuple[tuple[str, ...], int]:
        rows = rows_of(self._book, self._part, sheet=self._sheet)
        if header_row is None:
            width = max((max(cells.values, default=0) for cells, _ in zip(rows, range(100), strict=False)), default=0)
            return tuple(map(letters, range(width + 1))), 0
        cells = next(
            (one for one in takewhile(lambda one: one.number <= header_row, rows) if one.number == header_row), None
        )
        place = Place(row=header_row, sheet=self._sheet)
        if cells is None:
            raise UnreadableFile("no_header", place, row=header_row)
        width = max(cells.values, default=-1) + 1
        if width > self._limits.columns:
            raise UnreadableFile("too_many_columns", place, limit=self._limits.columns)
        names = column_names([cells.values.get(index) for index in range(width)])
        if not names:
            raise UnreadableFile("no_header", place, row=header_row)
        return names, header_row

    def _row(self, cells: Cells) -> Row:
        values: dict[str, Value] = {name: cells.values.get(index) for index, name in enumerate(self.columns)}
        row = Row(cells.number, None, values, Mark(cells.number))
        if cells.problems:
            row.problems += problems_of(cells, self._sheet, self.columns)
        beyond = max(cells.values, default=0)
        if beyond >= len(self.columns):
            params = {"actual": beyond + 1, "expected": len(self.columns)}
            row.problems.append(Problem("too_many_cells", self.place(row), params))
        for column, value in values.items():
            if isinstance(value, str):
                self._check(row, column, value)
        return row

    def _check(self, row: Row, column: str, text: str) -> None:
        if len(text) > self._limits.cell_characters:
            params = {"limit": self._limits.cell_characters}
            row.problems.append(Problem("cell_too_long", self.place(row, column), params))
            row.values[column] = None
        elif sample := garbled(text):
            row.problems.append(Problem("garbled", self.place(row, column), {"sample": sample}))


def _sheets(package: Package, part: str, workbook: Element) -> list[tuple[str, str, bool]]:
    """Name and part of every worksheet, and whether it is visible."""
    relations = package.relations(part)
    found: list[tuple[str, str, bool]] = []
    for one in workbook.iter():
        if local(one) != "sheet":
            continue
        relation = next((value for name, value in one.attrib.items() if name.endswith(_RELATION_ID)), "")
        kind, target = relations.get(relation, ("", ""))
        if kind == "worksheet":
            found.append((one.get("name", ""), target, one.get("state", "visible") == "visible"))
    return found
