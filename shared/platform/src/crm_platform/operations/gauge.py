"""How far a computation in another process is, told to whoever waits for it."""

import contextlib
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_NUMBER: Final = struct.Struct("<q")


@dataclass(frozen=True, slots=True)
class Teller:
    """The end of a :class:`Gauge` that goes to the other process."""

    path: str
    total: int

    def __call__(self, share: float) -> None:
        """Tell which part is done, 0 to 1; for every now and then, since it writes a file."""
        told = _NUMBER.pack(int(min(max(share, 0.0), 1.0) * self.total))
        with contextlib.suppress(FileNotFoundError), open(self.path, "r+b", buffering=0) as file:  # noqa: PTH123 - hot
            file.write(told)


class Gauge:
    """A number that another process moves: a file of eight bytes, there from the first teller on.

    Nothing that is computed depends on it: a file that is gone is not written to, and nobody waits.
    """

    def __init__(self) -> None:
        """It shows nothing yet."""
        self._path: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None:
            Path(self._path).unlink(missing_ok=True)
            self._path = None

    def teller(self, total: int) -> Teller:
        """What tells of so many units in all; only inside of the gauge's ``with``."""
        if self._path is None:
            handle, self._path = tempfile.mkstemp(prefix="crm-gauge-")
            os.write(handle, _NUMBER.pack(0))
            os.close(handle)
        return Teller(self._path, total)

    def read(self) -> int | None:
        """How many units are done; None where nobody tells."""
        if self._path is None:
            return None
        try:
            with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
                found = file.read(_NUMBER.size)
        except FileNotFoundError:
            return None
        return int(_NUMBER.unpack(found)[0])
