"""Numbers for people, such as ``TK-2026-000001``: without gaps, per tenant and year."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ARRAY, Column, Integer, MetaData, PrimaryKeyConstraint, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from crm_platform.db import Connection, Query
from crm_platform.db.schema import tenant_table


def counters_table(name: str, metadata: MetaData) -> Table:
    """How many numbers of each year are given out."""
    return tenant_table(
        name,
        metadata,
        Column("year", Integer, nullable=False),
        Column("last", Integer, nullable=False, comment="The last number of the year that was given out."),
        PrimaryKeyConstraint("tenant_id", "year"),
    )


class Numbering:
    """Gives out the numbers of one kind of record.

    There are no gaps, since a number is taken in the transaction of its record: whoever needs the next one
    of the same year waits for that transaction to end.
    """

    def __init__(self, table: Table, *, prefix: str) -> None:
        self._prefix = prefix
        wanted = (
            func.unnest(bindparam("years", type_=ARRAY(Integer)), bindparam("counts", type_=ARRAY(Integer)))
            .table_valued("year", "count")
            .render_derived("wanted")
        )
        statement = insert(table).from_select(
            ["year", "last"], select(wanted.c.year, wanted.c.count).order_by(wanted.c.year)
        )
        statement = statement.on_conflict_do_update(
            index_elements=["tenant_id", "year"], set_={"last": table.c.last + statement.excluded.last}
        )
        self._take = Query(statement.returning(table.c.year, table.c.last))

    async def take(self, connection: Connection, years: Sequence[int]) -> list[str]:
        """A number for each of ``years``, in order."""
        if not years:
            return []
        wanted = Counter(years)
        arguments = self._take.args(years=list(wanted), counts=list(wanted.values()))
        last = {row["year"]: row["last"] for row in await connection.fetch(self._take.text, *arguments)}
        following = {year: last[year] - count for year, count in wanted.items()}
        numbers = []
        for year in years:
            following[year] += 1
            numbers.append(f"{self._prefix}-{year}-{following[year]:06}")
        return numbers
