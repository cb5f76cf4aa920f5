"""The texts that a workbook's cells share."""

import tempfile
from array import array

from crm_platform.files.problems import UnreadableFile
from crm_platform.files.xlsx.markup import Markup
from crm_platform.files.xlsx.package import Package

_IN_MEMORY = 8 << 20
_KEPT = 4096
_MOST = 16_000_000
"""Texts of one workbook: more than a full sheet of a dozen columns has."""


class SharedStrings:
    """The texts by their index, in a temporary file beyond a few megabytes, so that any number of them fits.

    Texts that come again and again (a status, a city) are kept; those of a column of names come once each.
    """

    def __init__(self, package: Package, part: str | None) -> None:
        self._file: tempfile.SpooledTemporaryFile[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as the reader
        self._ends = array("Q", [0])
        self._kept: dict[int, str] = {}
        if part is not None and package.has(part):
            try:
                _Collector(self, part).read(package)
            except BaseException:
                self.close()
                raise

    def __len__(self) -> int:
        return len(self._ends) - 1

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def add(self, text: str) -> None:
        """Append a text."""
        raw = text.encode("utf-8", "surrogatepass")
        self._file.write(raw)
        self._ends.append(self._ends[-1] + len(raw))

    def __getitem__(self, index: int) -> str:
        found = self._kept.get(index)
        if found is not None:
            return found
        if index < 0:
            raise IndexError(index)
        start, end = self._ends[index], self._ends[index + 1]
        self._file.seek(start)
        text = self._file.read(end - start).decode("utf-8", "surrogatepass")
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[index] = text
        return text


class _Collector(Markup):
    """Reads ``<si>``: plain texts and runs of rich text, without the readings of Japanese characters (``rPh``)."""

    def __init__(self, strings: SharedStrings, part: str) -> None:
        super().__init__(
            part,
            {"rPh": self._begin_reading},
            {"t": self._end_text, "rPh": self._end_reading, "si": self._end_string},
        )
        self._strings = strings
        self._is_reading = False
        self._pieces: list[str] = []

    def _begin_reading(self, _: dict[str, str]) -> None:
        self._is_reading = True

    def _end_reading(self) -> None:
        self._is_reading = False

    def _end_text(self) -> None:
        if not self._is_reading:
            self._pieces.append(self.text())

    def _end_string(self) -> None:
        self._strings.add("".join(self._pieces))
        self._pieces.clear()
        if len(self._strings) > _MOST:
            raise UnreadableFile("bomb", limit=_MOST)

    def read(self, package: Package) -> None:
        for block in package.blocks(self.part):
            self.feed(block)
        self.close()
