"""Lines of a text file with their places in bytes."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from crm_platform.files.encoding import SAMPLE_BYTES, Encoding, detected, named
from crm_platform.files.problems import Place, UnreadableFile
from crm_platform.files.rows import Mark

BLOCK = 1 << 16


def encoding_of(source: BinaryIO, name: str | None) -> Encoding:
    """The encoding that was named, or the one that the beginning of the file shows.

    Raises:
        UnreadableFile: The file is empty, or its encoding stays unknown.
    """
    source.seek(0)
    sample = source.read(SAMPLE_BYTES)
    if not sample:
        raise UnreadableFile("empty")
    return named(name, sample) if name is not None else detected(sample, whole=len(sample) < SAMPLE_BYTES)


class Lines(Iterator[str]):
    """The physical lines of a file, decoded one by one, each with its line break.

    Bytes that are no text become lone surrogates (PEP 383) and set :attr:`damaged`. The lines since :meth:`begin` are
    one record; it may not grow beyond a limit, so that a quotation mark that is never closed costs no memory.
    """

    def __init__(self, source: BinaryIO, encoding: Encoding, start: Mark, *, record_bytes: int) -> None:
        self.offset = max(start.offset, encoding.mark)
        self.line = start.line
        self.damaged = False
        self.at_end = False
        self.record: list[str] = []
        self._first_line, self._first_offset = self.line, self.offset
        self._encoding, self._limit, self._is_wide = encoding, record_bytes, encoding.is_wide
        self._codec = "utf-8" if self._is_wide else encoding.name
        source.seek(self.offset)
        self._lines = self._split(source)

    def begin(self) -> None:
        """Begin a record with the next line."""
        self.record.clear()
        self.damaged = False
        self._first_line, self._first_offset = self.line, self.offset

    @property
    def record_line(self) -> int:
        """Number of the first line of the record, counted from 1."""
        return self._first_line + 1

    @property
    def record_bytes(self) -> int:
        """Size of the record so far."""
        return self.offset - self._first_offset

    def __next__(self) -> str:
        raw = next(self._lines, None)
        if raw is None:
            self.at_end = True
            raise StopIteration
        text = self._text(raw)
        self.line += 1
        self.offset += len(text.encode(self._encoding.name, "surrogatepass")) if self._is_wide else len(raw)
        if self.offset - self._first_offset > self._limit:
            self._refuse()
        self.record.append(text)
        return text

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode(self._codec)
        except UnicodeDecodeError:
            self.damaged = True
            return raw.decode(self._codec, "surrogatepass" if self._is_wide else "surrogateescape")

    def _split(self, source: BinaryIO) -> Iterator[bytes]:
        rest = b""
        for block in self._blocks(source):
            lines = (rest + block).splitlines(keepends=True)
            # The last line may go on in the next block, and be it only with the second half of its line break.
            rest = lines.pop() if lines else b""
            yield from lines
            if len(rest) > self._limit:
                self._refuse()
        if rest:
            yield from rest.splitlines(keepends=True)

    def _blocks(self, source: BinaryIO) -> Iterator[bytes]:
        if not self._is_wide:
            while block := source.read(BLOCK):
                yield block
            return
        # In UTF-16 a line break is no byte of its own; as UTF-8 it can be split like everything else.
        decoder = codecs.getincrementaldecoder(self._encoding.name)("replace")
        while block := source.read(BLOCK):
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")

    def _refuse(self) -> None:
        raise UnreadableFile("record_too_large", Place(line=self.record_line), limit=self._limit)
