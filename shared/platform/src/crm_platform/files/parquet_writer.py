"""Parquet, written as a stream of row groups."""

import io
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from queue import Queue
from typing import IO, cast

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.core.types import ArrayInput
from arro3.io import write_parquet
from typing_extensions import Buffer

from crm_platform.files.rows import Value
from crm_platform.files.writing import Column, Kind, Record, as_text, in_utc

_ROW_GROUP = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECIMAL = DataType.decimal128(38, 9)
_TYPES: dict[Kind, DataType] = {
    Kind.TEXT: DataType.utf8(),
    Kind.INTEGER: DataType.int64(),
    Kind.DECIMAL: _DECIMAL,
    Kind.BOOLEAN: DataType.bool(),
    Kind.DATE: DataType.date32(),
    Kind.DATETIME: DataType.timestamp("us", tz="UTC"),
}


class ParquetWriter:
    """A Parquet file, compressed by zstd; columns have the type of their :class:`Kind`, and any cell may be null.

    Decimals have 9 places, moments are microseconds in UTC, lists and objects are JSON texts. The library pulls row
    groups from a thread of its own, which waits for the next batch as :meth:`write` waits for it to take the last.

    Args:
        columns: In this order; their names are the names in the file.
        row_group: Rows that are kept until they are written together.
    """

    media_type, extension = "application/vnd.apache.parquet", "parquet"

    def __init__(self, columns: Sequence[Column], *, row_group: int = _ROW_GROUP) -> None:
        self._columns, self._row_group = columns, row_group
        self._schema = Schema([Field(one.name, _TYPES[one.kind]) for one in columns])
        self._cells: dict[str, list[Value]] = {one.name: [] for one in columns}
        self._waiting = 0
        self._groups: Queue[RecordBatch | None] = Queue(maxsize=1)
        self._sink = _Sink()
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None

    def begin(self) -> bytes:
        """Nothing yet: the file begins with its first row group."""
        self._thread = threading.Thread(target=self._run, name="parquet-writer", daemon=True)
        self._thread.start()
        return b""

    def write(self, records: Sequence[Record]) -> bytes:
        """The row groups that became full."""
        for name, cells in self._cells.items():
            cells += [record.get(name) for record in records]
        self._waiting += len(records)
        if self._waiting >= self._row_group:
            self._give(self._batch())
        return self._sink.take()

    def end(self) -> bytes:
        """The last row group and the footer."""
        if self._waiting:
            self._give(self._batch())
        self._groups.put(None)
        self._join()
        return self._sink.take()

    def close(self) -> None:
        """Give up; what was formatted is forgotten."""
        if self._thread is not None and self._thread.is_alive():
            self._groups.put(None)
            self._thread.join()
        self._sink.take()

    def _give(self, group: RecordBatch | None) -> None:
        # Also after an error: the thread takes everything up to the end.
        self._groups.put(group)
        if self._error is not None:
            raise self._error

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            reader = RecordBatchReader.from_batches(self._schema, self._taken())
            write_parquet(
                reader, cast("IO[bytes]", self._sink), compression="zstd(3)", max_row_group_size=self._row_group
            )
        except Exception as error:  # noqa: BLE001 - told to who writes
            self._error = error
            while self._groups.get() is not None:
                pass

    def _taken(self) -> Iterator[RecordBatch]:
        while (group := self._groups.get()) is not None:
            yield group

    def _batch(self) -> RecordBatch:
        arrays: dict[str, ArrayInput] = {one.name: _array(one.kind, self._cells[one.name]) for one in self._columns}
        for cells in self._cells.values():
            cells.clear()
        self._waiting = 0
        return RecordBatch(arrays, schema=self._schema)


class _Sink(io.RawIOBase):
    """Where the library writes to, from its thread; bytes are taken from another."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: deque[bytes] = deque()

    def writable(self) -> bool:
        """It is only written to, from the beginning to the end."""
        return True

    def write(self, data: Buffer) -> int:
        """Keep a piece until it is taken."""
        piece = bytes(data)
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """What was written since it was taken last."""
        return b"".join(self._pieces.popleft() for _ in range(len(self._pieces)))


def _array(kind: Kind, cells: list[Value]) -> Array:
    match kind:
        case Kind.TEXT:
            return Array([None if one is None else as_text(one) for one in cells], DataType.utf8())
        case Kind.DECIMAL:
            texts = [f"{Decimal(one):f}" if isinstance(one, int | float | Decimal) else None for one in cells]
            return Array(texts, DataType.utf8()).cast(_DECIMAL)
        case Kind.DATE:
            days = [one.toordinal() - _EPOCH.toordinal() if isinstance(one, date) else None for one in cells]
            return Array(days, DataType.int32()).cast(_TYPES[kind])
        case Kind.DATETIME:
            moments = [_microseconds(one) if isinstance(one, datetime) else None for one in cells]
            return Array(moments, DataType.int64()).cast(_TYPES[kind])
        case _:
            return Array(cells, _TYPES[kind])


def _microseconds(moment: datetime) -> int:
    passed = in_utc(moment) - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
