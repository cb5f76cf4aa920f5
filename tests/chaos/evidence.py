"""Reads what the system holds, past row-level security, into a `History`."""

from collections.abc import Iterable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any
from uuid import UUID

import asyncpg

from crm_contracts.registry import EVENTS
from crm_platform.service import Service
from tests.chaos import witness
from tests.chaos.history import Copies, Effect, Event, History
from tests.chaos.ledger import Change

PACKAGES = ("customer_svc", "sales_svc", "service_desk_svc", "project_svc", "analytics_svc")
SERVICES: Mapping[str, Service] = {package: import_module(f"{package}.slices").SERVICE for package in PACKAGES}
PUBLISHING = (*PACKAGES[:-1], "gateway")

KEPT_COPIES = {
    "sales: known customers": ("sales_svc.known_customers", "customer_svc.customers"),
    "project: known customers": ("project_svc.known_customers", "customer_svc.customers"),
    "analytics: customers": ("analytics_svc.customers", "customer_svc.customers"),
    "analytics: opportunities": ("analytics_svc.opportunities", "sales_svc.opportunities"),
    "analytics: orders": ("analytics_svc.orders", "sales_svc.orders"),
    "analytics: products": ("analytics_svc.products", "sales_svc.products"),
    "analytics: projects": ("analytics_svc.projects", "project_svc.projects"),
    "analytics: deliveries": ("analytics_svc.deliveries", "project_svc.deliveries"),
    "analytics: risks": ("analytics_svc.risks", "project_svc.risks"),
    "analytics: tickets": ("analytics_svc.tickets", "service_desk_svc.tickets"),
    "analytics: surveys": ("analytics_svc.surveys", "service_desk_svc.surveys"),
    "analytics: people": ("analytics_svc.people", "gateway.users"),
    "analytics: teams": ("analytics_svc.teams", "gateway.teams"),
}
"""Every copy that a service keeps of another's records, and where they belong."""

_REMEMBERED_GONE = {"project_svc.known_customers": "name IS NOT NULL"}
"""Copies that keep an empty row of what was deleted."""


async def read_history(connection: asyncpg.Connection, *, unsettled: Iterable[str] = ()) -> History:
    """Everything that the check looks at but the figures, which are asked over the API."""
    return History(
        outboxes={package: await _events(connection, package) for package in PUBLISHING},
        states=await _states(connection),
        effects=await _effects(connection),
        gates={package: await _gates(connection, package) for package in SERVICES},
        subscriptions={package: kinds_of(service) for package, service in SERVICES.items()},
        copies={name: await _copies(connection, *tables) for name, tables in KEPT_COPIES.items()},
        unsettled=tuple(unsettled),
    )


def kinds_of(service: Service) -> frozenset[str]:
    """The kinds of record whose events a service takes in."""
    topics = set(service.consumed_topics())
    return frozenset(event.aggregate_type for event in EVENTS.values() if event.topic in topics)


async def _events(connection: asyncpg.Connection, package: str) -> list[Event]:
    rows = await connection.fetch(
        "SELECT event_id, type, aggregate_type, aggregate_id, version, (headers ->> 'correlation_id')::uuid,"
        f" (headers ->> 'causation_id')::uuid FROM {package}.outbox WHERE NOT snapshot ORDER BY id"
    )
    return [Event(row[0], row[1], Change(row[2], row[3], row[4]), row[5], row[6]) for row in rows]


async def _states(connection: asyncpg.Connection) -> dict[str, dict[UUID, int]]:
    return {
        aggregate.name: {
            row[0]: row[1]
            for row in await connection.fetch(f"SELECT id, version FROM {package}.{aggregate.table.name}")
        }
        for package, service in SERVICES.items()
        for aggregate in service.aggregates
    }


async def _effects(connection: asyncpg.Connection) -> list[Effect]:
    rows = await connection.fetch(
        f"SELECT event_id, aggregate_type, aggregate_id, version, correlation_id FROM {witness.NAME}.journal ORDER BY n"
    )
    return [Effect(row[0], Change(row[1], row[2], row[3]), row[4]) for row in rows]


async def _gates(connection: asyncpg.Connection, package: str) -> dict[tuple[str, UUID], int]:
    rows = await connection.fetch(f"SELECT aggregate_type, aggregate_id, version FROM {package}.consumer_gate")
    return {(row[0], row[1]): row[2] for row in rows}


async def _copies(connection: asyncpg.Connection, copy: str, source: str) -> Copies:
    schema, _, table = copy.partition(".")
    columns = await connection.fetchval(
        "SELECT string_agg(column_name, ', ' ORDER BY column_name) FROM information_schema.columns"
        " WHERE table_schema = $1 AND table_name = $2 AND column_name <> 'tenant_id'",
        schema,
        table,
    )
    condition = _REMEMBERED_GONE.get(copy, "true")
    return Copies(
        source=await _rows(connection, f"SELECT ROW({columns})::text FROM {source}"),
        copy=await _rows(connection, f"SELECT ROW({columns})::text FROM {copy} WHERE {condition}"),
    )


async def _rows(connection: asyncpg.Connection, statement: str) -> frozenset[str]:
    return frozenset(row[0] for row in await connection.fetch(statement))


@asynccontextmanager
async def admin_connection(url: str) -> Any:
    """A connection that sees everything."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute("SET timezone TO 'UTC'")
        yield connection
    finally:
        await connection.close(timeout=5)
