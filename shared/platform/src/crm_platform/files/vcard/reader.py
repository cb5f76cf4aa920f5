"""vCards as rows: one card is one row."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from crm_platform.files.encoding import garbled
from crm_platform.files.problems import Place, Problem, UnreadableFile
from crm_platform.files.rows import BEGINNING, Mark, Row
from crm_platform.files.text import Lines
from crm_platform.files.text_rows import TextRows
from crm_platform.files.vcard.card import values_of
from crm_platform.files.vcard.content import Property, parsed
from crm_platform.files.vcard.unfolding import LogicalLine, unfolded

_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
_SHOWN = 40


@dataclass(slots=True)
class _Card:
    line: int
    properties: list[Property] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    depth: int = 1

    @property
    def has_agent(self) -> bool:
        """Whether the card of another person begins inside (AGENT of 2.1)."""
        return bool(self.properties) and self.properties[-1].name == "agent"


class VcardRows(TextRows):
    """A file of cards of any version, one after the other.

    Args:
        source: The file, open for reading bytes, seekable.
        encoding: Name of its character encoding; a property of version 2.1 may say its own.
        limits: What the file may ask for.

    Raises:
        UnreadableFile: It is empty, or its encoding is not clear.
    """

    format = "vcard"

    def read(self, after: Mark = BEGINNING) -> Iterator[Row]:
        """The cards behind ``after``."""
        lines = Lines(self._source, self._encoding, after, record_bytes=self._limits.record_bytes)
        number, card = after.row, None
        for line in unfolded(lines, limit=self._limits.cell_characters):
            word = line.text.strip().upper()
            if word == _BEGIN and (card is None or not card.has_agent):
                if card is not None:
                    number += 1
                    yield self._row(number, card, Mark(number, line.offset, line.number - 1), ended=False)
                card = _Card(line.number)
            elif card is None:
                if word:
                    number += 1
                    yield self._stray(number, line)
            elif self._take(card, line, word):
                number += 1
                yield self._row(number, card, Mark(number, line.end, line.end_line), ended=True)
                card = None
        if card is not None:
            yield self._row(number + 1, card, Mark(number + 1, lines.offset, lines.line), ended=False)

    def place(self, row: Row, column: str | None = None) -> Place:
        """Where a property of a card is, for a message."""
        return Place(row=row.number, line=row.line, column=column)

    def _take(self, card: _Card, line: LogicalLine, word: str) -> bool:
        """Add a line to a card; whether it was the last."""
        if word in {_BEGIN, _END}:
            card.depth += 1 if word == _BEGIN else -1
            return card.depth == 0
        if card.depth > 1 or not word:
            return False
        found = None if line.damaged or line.cut else parsed(line.text)
        if found is not None:
            card.properties.append(found)
        if problem := self._problem(line, found, number=len(card.properties)):
            card.problems.append(problem)
        return False

    def _problem(self, line: LogicalLine, found: Property | None, *, number: int) -> Problem | None:
        name = line.text.partition(":")[0].partition(";")[0][:_SHOWN]
        place = Place(line=line.number, column=name)
        if number > self._limits.columns:
            raise UnreadableFile("too_many_columns", place, limit=self._limits.columns)
        if line.damaged:
            return Problem("undecodable", place, {"encoding": self._encoding.name})
        if line.cut:
            return Problem("cell_too_long", place, {"limit": self._limits.cell_characters})
        if found is None:
            return Problem("malformed_line", Place(line=line.number), {"text": line.text[:_SHOWN]})
        sample = garbled(found.raw)
        return None if sample is None else Problem("garbled", place, {"sample": sample})

    def _row(self, number: int, card: _Card, mark: Mark, *, ended: bool) -> Row:
        row = Row(number, card.line, values_of(card.properties), mark, card.problems)
        if not ended:
            row.problems.append(Problem("unended_card", self.place(row)))
        return row

    def _stray(self, number: int, line: LogicalLine) -> Row:
        row = Row(number, line.number, {}, Mark(number, line.end, line.end_line))
        row.problems.append(Problem("not_a_card", self.place(row)))
        return row
