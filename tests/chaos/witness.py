"""The witness: a service that takes in every event there is and notes that it took effect, and nothing else.

Its effect is neither idempotent nor ordered by itself, so what its journal shows is what the platform's consumer
makes of it: an event that is lost, doubled or out of order shows as exactly that.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Integer, Table, Text, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from crm_contracts.registry import EVENTS
from crm_platform.db.database import connect_dedicated
from crm_platform.db.schema import new_metadata, row_security
from crm_platform.events.wire import Record
from crm_platform.mechanism import MECHANISM
from crm_platform.service import BatchConsumer, Service
from crm_platform.uow import UnitOfWork
from crm_platform.worker import Worker

NAME = "witness"
METADATA = new_metadata()

journal = Table(
    "journal",
    METADATA,
    Column("n", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("correlation_id", Uuid),
)

_NOTE = """
INSERT INTO journal (event_id, aggregate_type, aggregate_id, version, correlation_id) VALUES ($1, $2, $3, $4, $5)
"""


async def note(unit: UnitOfWork, events: list[tuple[Any, Record]]) -> None:
    """Write down that these events took effect."""
    rows = [
        (record.event_id, record.aggregate_type, record.aggregate_id, record.version, record.correlation_id)
        for _, record in events
    ]
    await unit.connection.executemany(_NOTE, rows)


SERVICE = Service(
    name=NAME,
    title="Witness",
    description="Notes what took effect.",
    metadata=METADATA,
    projections=(BatchConsumer(tuple(EVENTS.values()), note),),
)


def create_worker() -> Worker:
    """The worker with settings from the environment."""
    return Worker(SERVICE)


async def create_tables(url: str) -> None:
    """Make the witness's tables in its own schema, unless they are there."""
    tables = [*MECHANISM.sorted_tables, journal]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in tables]
    statements += [str(CreateIndex(index).compile(dialect=dialect)) for table in tables for index in table.indexes]
    statements += [line for table in tables if table.info.get("tenant") for line in row_security(table)]
    connection = await connect_dedicated(url, name=NAME)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
