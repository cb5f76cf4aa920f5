"""Logical lines of cards: several lines of text may be one."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_platform.files.text import Lines

_BINARY = ("PHOTO", "LOGO", "SOUND", "KEY")
_SOFT_BREAK = "QUOTED-PRINTABLE"


@dataclass(slots=True)
class LogicalLine:
    """One property, unfolded.

    Attributes:
        text: Without line breaks.
        number: Of its first line, counted from 1.
        offset: Where it begins, in bytes.
        end: Where the next begins.
        end_line: Lines up to there.
        damaged: It holds bytes that are no text.
        cut: It is longer than a property may be, and the rest was dropped.
    """

    text: str
    number: int
    offset: int
    end: int
    end_line: int
    damaged: bool = False
    cut: bool = False


def unfolded(lines: Lines, *, limit: int) -> Iterator[LogicalLine]:
    """The properties of a text: a line that begins with a blank goes on with the one before (RFC 6350, 3.2).

    Empty lines say nothing; programs that write CR CR LF put one behind every line, also within a property.

    So does, in quoted-printable, the line behind one that ends with ``=`` (vCard 2.1). Of pictures and sounds, which
    nobody reads, no more than the beginning is kept.
    """
    current: LogicalLine | None = None
    begin = lines.offset
    for text in lines:
        plain = text.rstrip("\r\n")
        if not plain:
            lines.begin()
            continue
        if current is not None and (joined := _joined(current.text, plain)) is not None:
            _extend(current, joined, limit)
        else:
            if current is not None:
                yield current
            current = LogicalLine(plain, lines.line, begin, lines.offset, lines.line)
        current.damaged |= lines.damaged
        begin = current.end = lines.offset
        current.end_line = lines.line
        lines.begin()
    if current is not None:
        yield current


def _joined(before: str, text: str) -> str | None:
    head = before.partition(":")[0].upper()
    if before.endswith("=") and _SOFT_BREAK in head:
        return before[:-1] + text
    if text[:1] in {" ", "\t"} and text.strip():
        return before + text[1:]
    return None


def _extend(line: LogicalLine, joined: str, limit: int) -> None:
    if len(joined) <= limit:
        line.text = joined
    elif not line.text.partition(":")[0].rpartition(".")[2].upper().startswith(_BINARY):
        line.cut = True
