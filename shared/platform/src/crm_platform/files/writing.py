"""Rows as files: every writer turns batches of rows into bytes, and keeps nothing of them.

A writer is used by one task: ``begin``, ``write`` any number of times, ``end``; :func:`streamed` does that for an
answer, a file or an object store. ``close`` gives up what was begun.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

import orjson

from crm_platform.files.rows import Value

Record = Mapping[str, Value]
"""A row to be written, by the names of the columns; what is missing is empty."""

_CHUNK = 1 << 16


class Kind(StrEnum):
    """What a column holds; only formats with types of their own (Parquet) ask."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file that is written.

    Attributes:
        name: Its key in the records.
        label: Its header, for people; the name where empty.
        kind: What it holds.
    """

    name: str
    label: str = ""
    kind: Kind = Kind.TEXT

    @property
    def header(self) -> str:
        """What stands above it."""
        return self.label or self.name


class Writer(Protocol):
    """A file in the making."""

    media_type: str
    extension: str

    def begin(self) -> bytes:
        """What stands before the first row."""
        ...

    def write(self, records: Sequence[Record]) -> bytes:
        """The bytes of some more rows; may be empty, and come with a later call."""
        ...

    def end(self) -> bytes:
        """What stands behind the last row."""
        ...

    def close(self) -> None:
        """Give up; harmless after the end."""
        ...


async def streamed(writer: Writer, batches: AsyncIterable[Sequence[Record]]) -> AsyncGenerator[bytes, None]:
    """The file that ``writer`` makes of ``batches``, in pieces of some 64 KiB.

    The next batch is asked for only when the bytes before have been taken, so memory stays flat and a slow reader slows
    the query. Batches of some hundred rows are right; each is formatted in a thread, beside the event loop.
    """
    try:
        kept = bytearray(writer.begin())
        async for batch in batches:
            kept += await asyncio.to_thread(writer.write, batch)
            if len(kept) >= _CHUNK:
                yield bytes(kept)
                kept.clear()
        kept += await asyncio.to_thread(writer.end)
        yield bytes(kept)
    finally:
        writer.close()


async def written(writer: Writer, batches: AsyncIterable[Sequence[Record]]) -> bytes:
    """The whole file at once; for small ones."""
    async with aclosing(streamed(writer, batches)) as pieces:
        return b"".join([piece async for piece in pieces])


def as_text(value: Value) -> str:
    """A value as text that reads back: dates by ISO 8601, numbers without exponent, lists and objects as JSON."""
    match value:
        case None | str():
            return value or ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}" if value.is_finite() else ""
        case datetime() | date() | time():
            return value.isoformat()
        case list() | dict():
            return as_json(value).decode()
        case _:
            return str(value)


def as_json(value: Value) -> bytes:
    """A value as JSON; decimals are numbers with all their digits, dates texts by ISO 8601."""
    return orjson.dumps(value, default=_exactly, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def in_utc(moment: datetime) -> datetime:
    """A moment in UTC; one without a zone is taken to be."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _exactly(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}".encode()) if value.is_finite() else None
    raise TypeError(type(value).__name__)
