"""What readers of text files have in common that find their columns in each row."""

from collections.abc import Mapping
from typing import BinaryIO

from crm_platform.files.rows import LIMITS, Limits
from crm_platform.files.text import encoding_of


class TextRows:
    """A text file whose rows name their own columns.

    Args:
        source: The file, open for reading bytes, seekable.
        encoding: Name of its character encoding.
        limits: What the file may ask for.

    Raises:
        UnreadableFile: It is empty, or its encoding is not clear.
    """

    def __init__(self, source: BinaryIO, *, encoding: str | None = None, limits: Limits = LIMITS) -> None:
        self._source, self._limits = source, limits
        self._encoding = encoding_of(source, encoding)
        self.columns: tuple[str, ...] = ()
        self.details: Mapping[str, object] = {
            "encoding": self._encoding.name,
            "encoding_proved": self._encoding.proved,
        }
