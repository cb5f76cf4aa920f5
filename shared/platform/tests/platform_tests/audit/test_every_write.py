"""Whatever is written to whatever aggregate: one version, one audit entry, one event, all or nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest

from crm_contracts.base import DomainEvent
from crm_contracts.registry import PRODUCERS
from crm_platform.aggregate import AggregateState
from crm_platform.context import Cause, system_caller
from crm_platform.db import Database
from crm_platform.errors import VersionMismatch
from crm_platform.history.trail import OpenTrail
from crm_platform.ids import new_id
from crm_platform.sealing.changes import AUDIT_MEMBER
from crm_platform.service import Service
from crm_platform.settings import DatabaseSettings
from crm_platform.store import Aggregate
from crm_platform.testing.sealing import vault
from crm_platform.uow import ANY_VERSION, UnitOfWork
from crm_runtime.pytest_plugin import MakeDatabase
from platform_tests.persistence.states import (
    AGGREGATES,
    DEPLOYABLES,
    another_state,
    any_state,
    events_of,
    migrate_of,
    without_rules,
)

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
THROUGH = {"$origin": "erp"}
"""What entries say about the system through which a change came."""


@dataclass(frozen=True)
class Written:
    """What one company has on record."""

    rows: list[dict[str, Any]]
    audit: list[dict[str, Any]]
    outbox: list[dict[str, Any]]


@dataclass(frozen=True)
class Desk:
    """A tenant of its own in a database of one service, without the rules between fields and records."""

    service: Service
    aggregate: Aggregate[Any]
    database: Database
    tenant: UUID
    cause: Cause

    @property
    def events(self) -> list[type[DomainEvent[Any]]]:
        return events_of(self.service, self.aggregate)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        async with self.database.transaction(self.tenant) as connection:
            yield UnitOfWork(connection, system_caller(self.tenant, "test"), self.cause)

    async def said(self, entry: dict[str, Any], side: str) -> dict[str, Any]:
        """One side of an audit entry, its sealed members opened."""
        async with self.database.transaction(self.tenant) as connection:
            trail = await OpenTrail.of(connection, self.tenant, [entry])
        told = {name: value for name, value in entry[side].items() if name != AUDIT_MEMBER}
        return told | dict(trail.side(entry, side).values or {})

    async def written(self) -> Written:
        async with self.database.transaction(self.tenant) as connection:

            async def rows(table: str, order: str) -> list[dict[str, Any]]:
                return [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY {order}")]

            return Written(
                await rows(self.aggregate.table.name, "id"),
                await rows("audit_entries", "id"),
                await rows("outbox", "id"),
            )

    async def stored(self, id: UUID) -> AggregateState:
        async with self.unit() as unit:
            return await unit.load(self.aggregate, id, if_match=ANY_VERSION)


Open = Callable[[Service], Awaitable[Database]]


@pytest.fixture(scope="session")
async def opened(make_shared_database: MakeDatabase) -> AsyncIterator[Open]:
    """Databases by service; rules between fields and records are gone, since states here are random."""
    databases: dict[str, Database] = {}

    async def open_(service: Service) -> Database:
        if service.name not in databases:
            place = make_shared_database(service.package, **migrate_of(service))
            await without_rules(place.admin_url, service)
            databases[service.name] = Database(DatabaseSettings(url=place.url, pool_max=2), name="test", vault=vault())
            await databases[service.name].open()
        return databases[service.name]

    yield open_
    for database in databases.values():
        await database.close()


@pytest.fixture(params=AGGREGATES, ids=lambda one: f"{one[0].name}-{one[1].name}")
async def desk(request: pytest.FixtureRequest, opened: Open) -> Desk:
    service, aggregate = request.param
    cause = Cause(actor="user:1", correlation_id=new_id(), causation_id=new_id(), origin="erp", traceparent=TRACE)
    return Desk(service, aggregate, await opened(service), new_id(), cause)


def test_every_aggregate_has_events_and_every_event_an_aggregate() -> None:
    assert len(AGGREGATES) >= 16
    for service, aggregate in AGGREGATES:
        assert events_of(service, aggregate), aggregate.name
    for service in DEPLOYABLES:
        names = {aggregate.name for aggregate in service.aggregates}
        assert {event.aggregate_type for event in PRODUCERS.get(service.name, ())} == names


def told(desk: Desk, audit: dict[str, Any], outbox: dict[str, Any], event: type[DomainEvent[Any]]) -> Any:
    """Check what every change has in common; returns the event as a strict reader reads it."""
    shared = {"aggregate_type", "aggregate_id", "version", "tenant_id"}
    assert {name: audit[name] for name in shared} == {name: outbox[name] for name in shared}
    assert audit["entry_id"] == outbox["event_id"]
    assert audit["action"] == outbox["type"] == event.type
    assert audit["at"] == outbox["occurred_at"]
    assert (audit["aggregate_type"], outbox["topic"]) == (event.aggregate_type, event.topic)
    assert (audit["tenant_id"], audit["actor"]) == (desk.tenant, "user:1")
    assert audit["correlation_id"] == desk.cause.correlation_id
    assert (audit["seq"], audit["hash"], outbox["published_at"]) == (None, None, None)
    assert outbox["headers"] == {
        "correlation_id": str(desk.cause.correlation_id),
        "causation_id": str(desk.cause.causation_id),
        "actor": "user:1",
        "origin": "erp",
        "traceparent": TRACE,
    }
    parsed = event.model_validate_json(outbox["payload"])
    assert orjson.loads(parsed.model_dump_json()) == orjson.loads(outbox["payload"])
    assert (parsed.state.id, parsed.state.version) == (audit["aggregate_id"], audit["version"])
    assert parsed.reason == audit["reason"]
    return parsed


async def test_an_insert_is_on_record_once(desk: Desk) -> None:
    state, event = any_state(desk.aggregate), desk.events[0]
    async with desk.unit() as unit:
        rendered = await unit.insert(desk.aggregate, state, event, reason="because 因为")

    written = await desk.written()
    stored = await desk.stored(state.id)

    assert (len(written.rows), len(written.audit), len(written.outbox)) == (1, 1, 1)
    parsed = told(desk, written.audit[0], written.outbox[0], event)
    assert (parsed.state.version, parsed.changed, parsed.reason) == (1, (), "because 因为")
    assert parsed.state == desk.aggregate.spec.to_snapshot(stored)
    assert stored == state.with_(
        version=1,
        created_at=written.audit[0]["at"],
        created_by="user:1",
        updated_at=written.audit[0]["at"],
        updated_by="user:1",
    )
    assert written.audit[0]["before"] is None
    assert await desk.said(written.audit[0], "after") == stored.model_dump(mode="json") | THROUGH
    assert (rendered.id, rendered.version) == (state.id, 1)
    assert orjson.loads(rendered.body)["id"] == str(state.id)


async def test_every_change_is_on_record_once_whatever_event_tells_of_it(desk: Desk) -> None:
    spec = desk.aggregate.spec
    async with desk.unit() as unit:
        await unit.insert(desk.aggregate, any_state(desk.aggregate), desk.events[0])
    id = (await desk.written()).rows[0]["id"]
    for number, event in enumerate(desk.events, 2):
        before = await desk.stored(id)
        async with desk.unit() as unit:
            loaded = await unit.load(desk.aggregate, id, if_match=number - 1)
            await unit.update(desk.aggregate, loaded, another_state(desk.aggregate, loaded), event)
        written, after = await desk.written(), await desk.stored(id)

        assert (len(written.rows), len(written.audit), len(written.outbox)) == (1, number, number)
        parsed = told(desk, written.audit[-1], written.outbox[-1], event)
        assert parsed.state == spec.to_snapshot(after)
        assert (after.created_at, after.created_by) == (before.created_at, before.created_by)
        assert after.updated_at == written.audit[-1]["at"]
        assert parsed.changed == spec.difference(before, after)
        assert set(parsed.changed) <= set(spec.state.model_fields)
        changed = set(parsed.changed)
        assert await desk.said(written.audit[-1], "before") == before.model_dump(mode="json", include=changed)
        assert await desk.said(written.audit[-1], "after") == after.model_dump(mode="json", include=changed) | THROUGH


async def test_a_change_of_nothing_is_no_change(desk: Desk) -> None:
    async with desk.unit() as unit:
        await unit.insert(desk.aggregate, any_state(desk.aggregate), desk.events[0])
    before = await desk.written()
    async with desk.unit() as unit:
        state = await unit.load(desk.aggregate, before.rows[0]["id"], if_match=1)
        rendered = await unit.update(desk.aggregate, state, state.with_(), desk.events[-1])
        assert not unit.wrote

    assert await desk.written() == before
    assert rendered.version == 1


async def test_a_removal_is_on_record_once(desk: Desk) -> None:
    async with desk.unit() as unit:
        await unit.insert(desk.aggregate, any_state(desk.aggregate), desk.events[0])
    last = await desk.stored((await desk.written()).rows[0]["id"])
    async with desk.unit() as unit:
        await unit.delete(desk.aggregate, last, desk.events[-1], reason="entered twice")

    written = await desk.written()

    assert (len(written.rows), len(written.audit), len(written.outbox)) == (0, 2, 2)
    parsed = told(desk, written.audit[-1], written.outbox[-1], desk.events[-1])
    assert parsed.state == desk.aggregate.spec.to_snapshot(
        last.with_(version=2, updated_at=written.audit[-1]["at"], updated_by="user:1")
    )
    assert parsed.reason == "entered twice"


async def test_many_at_once_are_each_on_record_once(desk: Desk) -> None:
    spec = desk.aggregate.spec
    async with desk.unit() as unit:
        states = await unit.insert_many(desk.aggregate, [any_state(desk.aggregate) for _ in range(5)], desk.events[0])
        changes = [(state, another_state(desk.aggregate, state)) for state in states[:3]]
        unchanged = (states[3], states[3].with_())
        changed = await unit.update_many(desk.aggregate, [*changes, unchanged], desk.events[-1])

    written = await desk.written()

    assert (len(written.rows), len(written.audit), len(written.outbox)) == (5, 8, 8)
    assert sorted(row["version"] for row in written.rows) == [1, 1, 2, 2, 2]
    for index, (audit, outbox) in enumerate(zip(written.audit, written.outbox, strict=True)):
        event = desk.events[0] if index < 5 else desk.events[-1]
        parsed = told(desk, audit, outbox, event)
        expected = states[index] if index < 5 else changed[index - 5]
        assert parsed.state == spec.to_snapshot(expected)
    assert [await desk.stored(state.id) for state in changed] == changed


async def test_what_is_rolled_back_is_nowhere_on_record(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        async with desk.unit() as unit:
            await unit.insert(desk.aggregate, any_state(desk.aggregate), desk.events[0])
            raise ZeroDivisionError

    assert await desk.written() == Written([], [], [])


@pytest.mark.parametrize("way", ["update", "delete"])
async def test_a_write_based_on_an_old_version_writes_nothing_at_all(desk: Desk, way: str) -> None:
    async with desk.unit() as unit:
        (state,) = await unit.insert_many(desk.aggregate, [any_state(desk.aggregate)], desk.events[0])
        await unit.update(desk.aggregate, state, another_state(desk.aggregate, state), desk.events[-1])
    before = await desk.written()

    with pytest.raises(VersionMismatch):
        async with desk.unit() as unit:
            if way == "update":
                await unit.update(desk.aggregate, state, another_state(desk.aggregate, state), desk.events[-1])
            else:
                await unit.delete(desk.aggregate, state, desk.events[-1])

    assert await desk.written() == before
