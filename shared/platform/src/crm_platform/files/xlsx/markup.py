"""Large XML parts, read as a stream."""

import re
from collections.abc import Callable, Mapping
from xml.parsers import expat

from crm_platform.files.problems import UnreadableFile

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""Characters that XML cannot hold, and the text ``_x`` itself (ECMA-376 part 1, 22.4.2.4)."""
_MAX_NAMES, _MAX_DEPTH = 1_000, 100
"""Kinds of elements, and how deep they stand in each other; the parser keeps all of them. Workbooks need a tenth."""


def unescaped(text: str) -> str:
    """A text of a cell as it was typed: ``_x000D_`` is a carriage return."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


Begun = Callable[[dict[str, str]], None]
"""Called with the attributes of an element that begins."""
Ended = Callable[[], None]
"""Called when an element ends; :meth:`Markup.text` is its text then."""


class Markup:
    """A part of a workbook, as elements that begin and end; their namespaces do not count.

    Args:
        part: Name of the part, for messages.
        begun: What is called when an element of that name begins.
        ended: What is called when it ends.
        text_limit: Characters of one element's text that are kept; a text beyond it is refused.
    """

    def __init__(
        self, part: str, begun: Mapping[str, Begun], ended: Mapping[str, Ended], *, text_limit: int = 1 << 20
    ) -> None:
        self.part = part
        self._text: list[str] = []
        self._size = self._depth = 0
        self._text_limit = text_limit
        self._begun, self._ended = begun, ended
        # By the names as the parser gives them, namespace included: one look-up for each element.
        self._calls: dict[str, tuple[Begun | None, Ended | None]] = {}
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.CharacterDataHandler = self._characters
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser

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
        text = self._text
        return unescaped(text[0] if len(text) == 1 else "".join(text))

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
        begun, _ = self._calls.get(name) or self._learnt(name)
        if begun is not None:
            begun(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        ended = self._calls[name][1]
        if ended is not None:
            ended()

    def _learnt(self, name: str) -> tuple[Begun | None, Ended | None]:
        if len(self._calls) >= _MAX_NAMES:
            raise UnreadableFile("damaged", part=self.part)
        local = name.rpartition(" ")[2]
        calls = self._calls[name] = (self._begun.get(local), self._ended.get(local))
        return calls

    def _refuse(self, *_: object) -> None:
        raise UnreadableFile("dtd", part=self.part)
