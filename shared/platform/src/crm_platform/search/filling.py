"""Words of records that are not searched yet: written before their kind was, or by an older version of the service."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Integer, Select, bindparam, select

from crm_platform.db import Query
from crm_platform.operations.kinds import Done, More, Next, NoInput, OperationKind, Step, Sweep
from crm_platform.search.declare import COLUMN
from crm_platform.store import Aggregate
from crm_platform.words import Words

EVERY: Final = timedelta(minutes=10)
_PORTION: Final = 200


def filling(aggregate: Aggregate[Any]) -> Sweep:
    """The sweep that makes all records of ``aggregate`` searchable, for the service's list.

    Their versions stay, and nothing is told: what a record says does not change.

    Raises:
        TypeError: The aggregate is not searched.
    """
    if aggregate.search is None:
        message = f"{aggregate.name} is not searched"
        raise TypeError(message)
    words_of = aggregate.search.derived[COLUMN]
    table = aggregate.table
    missing = Query(_missing(aggregate))
    keep = f"UPDATE {table.name} SET {COLUMN} = $2::tsvector WHERE id = $1"

    async def step(step: Step[NoInput]) -> Next:
        connection = step.unit.connection
        rows = await connection.fetch(missing.text, *missing.args(row_limit=_PORTION))
        states = [aggregate.spec.from_row(row) for row in rows]
        await connection.executemany(keep, [(state.id, words_of(state)) for state in states])
        step.progress.count("filled", len(states))
        return More(None) if len(states) == _PORTION else Done()

    title = Words(f"Words of {aggregate.resource.name}", f"{aggregate.resource.what.zh}的检索词")
    kind = OperationKind(
        name=f"{aggregate.resource.name}.search", title=title, input=NoInput, step=step, as_system=True
    )
    return Sweep(kind=kind, every=EVERY)


def _missing(aggregate: Aggregate[Any]) -> Select[Any]:
    table = aggregate.table
    columns = [column for column in table.c if column.name not in {"tenant_id", COLUMN}]
    # Skipped rows are being written by somebody, who writes their words too, or are met again next time.
    statement = select(*columns).where(table.c[COLUMN].is_(None)).limit(bindparam("row_limit", type_=Integer))
    return statement.with_for_update(skip_locked=True, key_share=True)
