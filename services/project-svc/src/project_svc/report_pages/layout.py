"""A report before it is HTML or PDF: headings, facts, tables, lists and texts, worded in one language."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a table.

    Attributes:
        text: What stands there.
        note: What is said under it, smaller.
        bar: Length of a bar under it, in per cent of its place.
    """

    text: str
    note: str = ""
    bar: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, one under the other."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head.

    Attributes:
        head: Names of the columns.
        widths: Of the columns, as shares of their sum.
        rows: A cell for each column.
        numeric: From which column on they are numbers, which stand at the right; none by default.
    """

    head: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[Cell]]
    numeric: int | None = None


@dataclass(frozen=True, slots=True)
class Bullets:
    """Points of a list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Prose:
    """A text; its line ends stay."""

    text: str


Block = Facts | Table | Bullets | Prose


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes:
        title: What kind of report it is.
        subject: What it is about; the name of a project.
        language: ``en`` or ``zh``.
        facts: What stands first.
        sections: What follows.
    """

    title: str
    subject: str
    language: str
    facts: Facts
    sections: Sequence[Section]


def cells(*texts: str) -> tuple[Cell, ...]:
    """A row of plain texts."""
    return tuple(Cell(text) for text in texts)
