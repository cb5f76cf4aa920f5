"""Current states as events, for consumers that start without the history."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, or_, select

from crm_contracts.base import DomainEvent
from crm_platform.db import Connection, Database, Query
from crm_platform.events.replay import State
from crm_platform.sealing.changes import sealed_state
from crm_platform.sealing.vault import vault_of
from crm_platform.store import Aggregate

# One step per tenant through the index that leads with the tenant, instead of a scan of all entries.
_TENANTS = """
WITH RECURSIVE tenant AS (
  (SELECT tenant_id FROM audit_entries ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT tenant_id FROM audit_entries WHERE tenant_id > tenant.tenant_id ORDER BY tenant_id LIMIT 1)
  FROM tenant WHERE tenant.tenant_id IS NOT NULL
) SELECT tenant_id FROM tenant WHERE tenant_id IS NOT NULL
"""


class AggregateSnapshots:
    """The states of one aggregate, as :class:`~crm_platform.events.replay.SnapshotSource` wants them."""

    def __init__(self, aggregate: Aggregate[Any], event: type[DomainEvent[Any]], database: Database) -> None:
        self.topic = event.topic
        self._aggregate = aggregate
        self._event = event
        self._database = database

    @cached_property
    def _page(self) -> Query:
        table = self._aggregate.table
        after = bindparam("after", type_=Uuid)
        return Query(
            select(*self._aggregate.loaded_columns(), table.c.tenant_id)
            .where(or_(after.is_(None), table.c.id > after))
            .order_by(table.c.id)
            .limit(bindparam("row_limit", type_=Integer))
            .with_for_update(read=True)
        )

    async def tenants(self, connection: Connection) -> Sequence[UUID]:
        """Every tenant that ever had an aggregate of this service."""
        return [row[0] for row in await connection.fetch(_TENANTS)]

    async def page(self, connection: Connection, after: UUID | None, limit: int) -> Sequence[State]:
        """The next states by id, locked against change until their snapshot is recorded."""
        rows = await connection.fetch(self._page.text, *self._page.args(after=after, row_limit=limit))
        return [self._state(row) for row in rows]

    def _state(self, row: Any) -> State:
        aggregate, sealed = self._aggregate, None
        if aggregate.sealed is not None:
            sealed = sealed_state(aggregate.sealed, vault_of(self._database), row, aggregate_type=aggregate.name)
        # The sealed members go from the row into the event without ever being part of the state.
        state = aggregate.spec.from_row(row)
        told = self._event(state=aggregate.spec.to_snapshot(state), reason="snapshot", sealed=sealed)
        return State(state.id, state.version, told.model_dump_json().encode())
