"""The cells of one sheet, read as a stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from crm_platform.files.problems import Place, Problem, UnreadableFile
from crm_platform.files.rows import Value, letters
from crm_platform.files.xlsx.markup import Markup
from crm_platform.files.xlsx.package import Package
from crm_platform.files.xlsx.strings import SharedStrings
from crm_platform.files.xlsx.styles import Shown, moment

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
_EXACT = 10**15
"""Excel keeps 15 digits of a number."""
_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """What the cells of all sheets refer to."""

    package: Package
    strings: SharedStrings
    formats: Sequence[Shown]
    since_1904: bool


@dataclass(slots=True)
class Cells:
    """A row of a sheet: what is there, by the index of the column."""

    number: int
    values: dict[int, Value] = field(default_factory=dict)
    problems: list[tuple[int, str, dict[str, object]]] = field(default_factory=list)


def rows_of(book: Workbook, part: str, *, sheet: str, after: int = 0) -> Iterator[Cells]:
    """The rows of a sheet behind row ``after`` that have cells with values.

    Raises:
        UnreadableFile: The part is damaged, its rows are out of order, or beyond what a sheet can have.
    """
    parser = _SheetParser(book, part, sheet, after)
    for block in book.package.blocks(part):
        parser.feed(block)
        yield from parser.take()
    parser.close()
    yield from parser.take()


class _SheetParser(Markup):
    def __init__(self, book: Workbook, part: str, sheet: str, after: int) -> None:
        super().__init__(
            part,
            {"c": self._begin_cell, "row": self._begin_row, "rPh": self._begin_reading},
            {
                "v": self._end_text,
                "t": self._end_text,
                "c": self._end_cell,
                "row": self._end_row,
                "rPh": self._end_reading,
            },
        )
        self._book, self._sheet, self._after = book, sheet, after
        self._done: list[Cells] = []
        self._row = Cells(0)
        self._index = -1
        self._kind, self._style, self._content = "n", "0", ""
        self._is_skipped = self._is_reading = False

    def take(self) -> list[Cells]:
        """The rows that are complete."""
        done, self._done = self._done, []
        return done

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        try:
            found = self._row.number + 1 if number is None else int(number)
        except ValueError:
            found = 0
        if not self._row.number < found <= MAX_ROWS:
            raise UnreadableFile("damaged", Place(row=self._row.number, sheet=self._sheet), part=f"row {number}")
        self._row, self._index = Cells(found), -1
        self._is_skipped = found <= self._after

    def _end_row(self) -> None:
        if self._row.values or self._row.problems:
            self._done.append(self._row)

    def _begin_reading(self, _: dict[str, str]) -> None:
        self._is_reading = True

    def _end_reading(self) -> None:
        self._is_reading = False

    def _end_text(self) -> None:
        if not (self._is_skipped or self._is_reading):
            self._content += self.text()

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        if self._is_skipped:
            return
        reference = attributes.get("r")
        self._index = self._index + 1 if reference is None else _column(reference)
        if not 0 <= self._index < MAX_COLUMNS:
            raise UnreadableFile("damaged", Place(row=self._row.number, sheet=self._sheet), part=f"cell {reference}")
        self._kind, self._style, self._content = attributes.get("t", "n"), attributes.get("s", "0"), ""

    def _end_cell(self) -> None:
        if not self._content:
            return
        try:
            value = self._value()
        except (ValueError, IndexError, InvalidOperation):
            self._report("bad_cell", value=self._content[:40])
        else:
            self._row.values[self._index] = value

    def _value(self) -> Value:
        text = self._content
        if self._kind == "n":
            return self._number(text)
        if self._kind == "s":
            return self._book.strings[int(text)] or None
        match self._kind:
            case "b":
                return text.strip() == "1"
            case "e":
                self._report("error_value", value=text[:40])
                return None
            case "d":
                found = datetime.fromisoformat(text)
                return found if found.time() != time() else found.date()
            case _:
                return text

    def _number(self, text: str) -> Value:
        style = int(self._style)
        shown = self._book.formats[style] if style < len(self._book.formats) else Shown.NUMBER
        if shown is Shown.DATE:
            return self._moment(text)
        if shown is Shown.DURATION:
            return _duration(float(text))
        if text.isdigit() and len(text) < len(str(_EXACT)):
            return int(text)
        # Excel computes in binary and shows 15 digits: 0.1 + 0.2 stands in the file as 0.30000000000000004.
        number = Decimal(f"{float(text):.15g}")
        if not number.is_finite():
            raise ValueError(text)
        if number != int(number):
            return number
        if abs(number) >= _EXACT:
            self._report("digits_lost")
        return int(number)

    def _moment(self, text: str) -> date | datetime | time:
        found = moment(float(text), since_1904=self._book.since_1904)
        if found is None:
            raise ValueError(text)
        return found

    def _report(self, code: str, **params: object) -> None:
        self._row.problems.append((self._index, code, params))


def problems_of(cells: Cells, sheet: str, columns: Sequence[str]) -> list[Problem]:
    """The problems of a row, with their places."""
    return [
        Problem(
            code,
            Place(
                row=cells.number,
                column=columns[index] if index < len(columns) else None,
                cell=f"{letters(index)}{cells.number}",
                sheet=sheet,
            ),
            params,
        )
        for index, code, params in cells.problems
    ]


def _column(reference: str) -> int:
    """The index of the column of a reference such as ``AB12``; -1 for what is none."""
    known = _COLUMNS.get(name := reference.rstrip("0123456789"))
    if known is not None:
        return known
    index = 0
    for letter in name:
        if not "A" <= letter <= "Z" or index > MAX_COLUMNS:
            return -1
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


_COLUMNS = {letters(index): index for index in range(256)}


def _duration(days: float) -> str:
    seconds = round(abs(days) * _SECONDS)
    sign = "-" if days < 0 else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
