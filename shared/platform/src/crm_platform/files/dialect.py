"""How the cells of a text file are separated and quoted."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_DELIMITERS = (",", "\t", ";", "|", "，")
_QUOTES = ('"', "'")
_RECORDS = 100
_ANNOUNCED = "sep="
"""What Excel lets a file begin with, to say by which character its cells are separated."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Separator and quotation mark of the cells.

    Attributes:
        delimiter: Between two cells.
        quote: Around a cell that holds a delimiter, a line break or the mark itself, which is then doubled.
        announced: The first line says so, and is no row.
    """

    delimiter: str
    quote: str = '"'
    announced: bool = False


def sniffed(lines: Sequence[str]) -> Dialect:
    """The dialect of a text that begins with these lines.

    That counts which gives the most rows of one width, and of several cells; among equals the comma.
    """
    if lines and lines[0].lower().startswith(_ANNOUNCED) and len(lines[0].strip()) <= len(_ANNOUNCED) + 1:
        return Dialect(lines[0][len(_ANNOUNCED)], announced=True)
    tried = [Dialect(delimiter, quote) for quote in _QUOTES for delimiter in _DELIMITERS]
    return max(tried, key=lambda dialect: _fitness(lines, dialect))


def _fitness(lines: Sequence[str], dialect: Dialect) -> tuple[float, bool]:
    reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote)
    rows = [row for row, _ in zip(reader, range(_RECORDS), strict=False) if row]
    if not rows:
        return 0.0, False
    width, times = Counter(map(len, rows)).most_common(1)[0]
    even = times / len(rows)
    # The header tells most: whoever names five columns means five.
    even += len(rows[0]) == width
    return (even if width > 1 else 0.0), any(map(_quoted(dialect).search, lines[:_RECORDS]))


def _quoted(dialect: Dialect) -> re.Pattern[str]:
    """A cell that begins and ends with the mark: an apostrophe within or before a name (`'t Hart`) quotes nothing."""
    delimiter, quote = re.escape(dialect.delimiter), dialect.quote
    return re.compile(rf"(?:^|{delimiter}){quote}(?:[^{quote}]|{quote}{quote})*{quote}(?:{delimiter}|[\r\n]*$)")
