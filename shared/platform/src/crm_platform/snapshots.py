"""Current states as events, for consumers that start without the history."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, or_, select

from crm_contracts.base import DomainEvent
from crm_platform.db import Connection, Query
from crm_platform.events.replay import State
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

    def __init__(self, aggregate: Aggregate[Any], event: type[DomainEvent[Any]]) -> None:
        self.topic = event.topic
        self._aggregate = aggregate
        self._event = event
        table = aggregate.table
        after = bindparam("after", type_=Uuid)
        self._page = Query(
            select(*[column for column in table.c if column.name != "tenant_id"])
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
        spec = self._aggregate.spec
        state = spec.from_row(row)
        told = self._event(state=spec.to_snapshot(state), reason="snapshot")
        return State(state.id, state.version, told.model_dump_json().encode())
