"""Files go out as they are made."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from threading import enumerate as threads

import pytest

from crm_platform.files.parquet_writer import ParquetWriter
from crm_platform.files.text_writers import CsvWriter, JsonWriter
from crm_platform.files.writing import Column, Kind, Record, Writer, streamed
from crm_platform.files.xlsx.writer import XlsxWriter

COLUMNS = [Column("a"), Column("b")]
WRITERS: list[Callable[[], Writer]] = [
    lambda: CsvWriter(COLUMNS),
    lambda: JsonWriter(COLUMNS),
    lambda: XlsxWriter(COLUMNS),
    lambda: ParquetWriter(COLUMNS, row_group=2_000),
]


class Query:
    """Batches that say how many were asked for."""

    def __init__(self, count: int) -> None:
        self.count, self.given = count, 0

    async def batches(self) -> AsyncIterator[Sequence[Record]]:
        for number in range(self.count):
            self.given += 1
            yield [{"a": f"客户{number}-{row}", "b": f"{number * row * 7919 % 100_003}"} for row in range(1_000)]


@pytest.mark.parametrize("make", WRITERS, ids=["csv", "jsonl", "xlsx", "parquet"])
async def test_the_first_bytes_leave_long_before_the_last_rows_are_there(make: Callable[[], Writer]) -> None:
    query = Query(120)
    async with aclosing(streamed(make(), query.batches())) as pieces:
        first = await anext(pieces)
        assert first
        assert query.given <= 80
        sizes = [len(piece) async for piece in pieces]
    assert query.given == 120
    assert max(sizes) < 2 << 20


@pytest.mark.parametrize("make", WRITERS, ids=["csv", "jsonl", "xlsx", "parquet"])
async def test_nothing_is_left_where_the_reader_goes_away(make: Callable[[], Writer]) -> None:
    query = Query(1_000)
    async with aclosing(streamed(make(), query.batches())) as pieces:
        await anext(pieces)
    assert query.given < 1_000
    assert [one for one in threads() if one.name == "parquet-writer"] == []


async def test_an_error_of_the_query_or_of_a_value_ends_the_file_and_its_thread() -> None:
    async def broken() -> AsyncIterator[Sequence[Record]]:
        yield [{"a": 1}] * 10
        raise RuntimeError("the database went away")

    async def wrong() -> AsyncIterator[Sequence[Record]]:
        yield [{"a": "x"}] * 10

    for batches, error in ((broken, RuntimeError), (wrong, TypeError)):
        with pytest.raises(error):
            async for _ in streamed(ParquetWriter([Column("a", "", Kind.INTEGER)], row_group=10), batches()):
                pass
        assert [one for one in threads() if one.name == "parquet-writer"] == []
