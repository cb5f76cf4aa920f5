"""Writing what many events cause in as few round trips as one of them would take."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from crm_platform.db import Connection
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork


class Together:
    """Collects what units of work insert and update in bulk, to write all of it at once.

    Each event gets a unit of its own, so that whatever it causes names it as the cause. Opening 500 projects
    one after the other cost 3.3 ms CPU each, application and database, and 1.2 ms together.
    """

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._rows: dict[str, list[Sequence[Any]]] = {}

    def unit_for(self, record: Record) -> UnitOfWork:
        """A unit of work for what ``record`` causes; good for `insert_many` and `update_many` alone."""
        cause = replace(
            self._unit.cause,
            correlation_id=record.correlation_id or record.event_id,
            causation_id=record.event_id,
            origin=record.origin,
            traceparent=record.traceparent,
        )
        return UnitOfWork(cast("Connection", self), self._unit.caller, cause)

    async def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Keep rows for later; in place of the connection's own."""
        self._rows.setdefault(statement, []).extend(rows)

    async def write(self) -> None:
        """Write everything, statement by statement in the order of their first use."""
        rows, self._rows = self._rows, {}
        for statement, values in rows.items():
            await self._unit.connection.executemany(statement, values)
