"""Large XML parts, read as a stream."""

import re
from xml.parsers import expat

from crm_platform.files.problems import UnreadableFile

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""Characters that XML cannot hold, and the text ``_x`` itself (ECMA-376 part 1, 22.4.2.4)."""
_MAX_NAMES, _MAX_DEPTH = 1_000, 100
"""Kinds of elements, and how deep they stand in each other; the parser keeps all of them. Workbooks need a tenth."""


def unescaped(text: str) -> str:
    """A text of a cell as it was typed: ``_x000D_`` is a carriage return."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class Markup:
    """A part of a workbook, as elements that begin and end; names come without their namespace.

    Args:
        part: Name of the part, for messages.
        text_limit: Characters of one element's text that are kept; a text beyond it is refused.
    """

    def __init__(self, part: str, *, text_limit: int = 1 << 20) -> None:
        self.part = part
        self._text: list[str] = []
        self._size = self._depth = 0
        self._text_limit = text_limit
        self._local: dict[str, str] = {}
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.CharacterDataHandler = self._characters
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser

    def begun(self, name: str, attributes: dict[str, str]) -> None:
        """An element has begun."""

    def ended(self, name: str) -> None:
        """An element has ended."""

    def feed(self, block: bytes) -> None:
        """Read on.

        Raises:
            UnreadableFile: The part is not well-formed, or has a document type definition.
        """
        try:
            self._parser.Parse(block)
        except expat.ExpatError:
            raise UnreadableFile("damaged", part=self.part) from None

    def close(self) -> None:
        """Say that this was all.

        Raises:
            UnreadableFile: The part ends too early.
        """
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            raise UnreadableFile("damaged", part=self.part) from None

    def text(self) -> str:
        """The text since the last element began: called when an element ends, that element's own."""
        return unescaped("".join(self._text))

    def _characters(self, text: str) -> None:
        self._size += len(text)
        if self._size > self._text_limit:
            raise UnreadableFile("cell_too_long", limit=self._text_limit)
        self._text.append(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._text:
            self._text.clear()
            self._size = 0
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UnreadableFile("damaged", part=self.part)
        self.begun(self._local.get(name) or self._name(name), attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.ended(self._local.get(name) or self._name(name))

    def _name(self, name: str) -> str:
        if len(self._local) >= _MAX_NAMES:
            raise UnreadableFile("damaged", part=self.part)
        local = self._local[name] = name.rpartition(" ")[2]
        return local

    def _refuse(self, *_: object) -> None:
        raise UnreadableFile("dtd", part=self.part)
