"""Consents as they were before a merge."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import Column, Uuid, bindparam, func, literal_column, select, true

from crm_platform.db import Connection, Query
from crm_platform.reads.states import columns_of, state_of
from customer_svc.consents import service as consents
from customer_svc.merged_consents.domain import Kept
from customer_svc.merged_consents.models import merge_consents

_REMEMBER: Final = """
INSERT INTO merge_consents (merge_id, consent_id, content, version_after)
SELECT $1, id, to_jsonb(consents), version + 1 FROM consents WHERE id = ANY ($2)
"""
_OF: Final = "SELECT id FROM consents WHERE subject_id = ANY ($1) ORDER BY id"


def _states() -> Query:
    table = consents.AGGREGATE.table
    columns = [Column(column.name, column.type) for column in table.c]
    kept = func.jsonb_populate_record(literal_column(f"NULL::{table.name}"), merge_consents.c.content)
    rows = kept.table_valued(*columns).alias(table.name)
    return Query(
        select(merge_consents.c.version_after, *columns_of(consents.AGGREGATE, rows))
        .select_from(merge_consents.join(rows, true()))
        .where(merge_consents.c.merge_id == bindparam("merge", type_=Uuid))
        .order_by(merge_consents.c.consent_id)
    )


_STATES = _states()


async def of_people(connection: Connection, ids: Collection[UUID]) -> list[UUID]:
    """All consents of several people."""
    return [row[0] for row in await connection.fetch(_OF, list(ids))]


async def remember(connection: Connection, merge_id: UUID, ids: Collection[UUID]) -> None:
    """Keep consents as they are, just before the merge changes each of them once."""
    await connection.execute(_REMEMBER, merge_id, list(ids))


async def kept(connection: Connection, tenant_id: UUID, merge_id: UUID) -> list[Kept]:
    """The consents that a merge changed, as they were."""
    rows = await connection.fetch(_STATES.text, *_STATES.args(merge=merge_id))
    return [Kept(state_of(connection, consents.AGGREGATE, tenant_id, row), row["version_after"]) for row in rows]
