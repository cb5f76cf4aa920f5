"""pytest plugin: a service's app on a fresh database, with clients for any caller.

Builds on the fixtures of ``crm_runtime`` (embedded PostgreSQL and broker).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest
import structlog
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from crm_contracts.base import DomainEvent, InboundMessage
from crm_platform.app import create_service_app
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.db.database import Connection, connect_dedicated
from crm_platform.db.migrations import upgrade
from crm_platform.dispatch import service_registry
from crm_platform.events.bell import BELL
from crm_platform.events.subscriptions import HandlerError
from crm_platform.events.wire import GateKey, RawRecord, Record
from crm_platform.ids import new_id
from crm_platform.observability.tracing import Tracer
from crm_platform.sealing.vault import vault_for
from crm_platform.service import Service
from crm_platform.settings import (
    AuditSettings,
    AuthSettings,
    DatabaseSettings,
    KafkaSettings,
    LimitSettings,
    LogSettings,
    ObjectSettings,
    ServiceSettings,
)
from crm_platform.testing.identity import TokenIssuer, caller
from crm_platform.testing.sealing import SEALING
from crm_platform.testing.sessions import KeptSession


def pytest_configure() -> None:
    """Log without drawing: the frames with all their variables cost most of a second for each traceback."""
    *others, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, plain])


_ADMIN = "test-admin"
_WORKER = "test-worker"


@dataclass(slots=True)
class RunningService:
    """A service under test: its app, its database, and clients for callers."""

    service: Service
    settings: ServiceSettings
    app: FastAPI
    issuer: TokenIssuer
    admin_url: str
    _admin: KeptSession[Any] = field(init=False)
    _worker: KeptSession[Connection] = field(init=False)

    def __post_init__(self) -> None:
        # Plans are not kept: tests change tables.
        named = {"application_name": _ADMIN}
        connect = partial(asyncpg.connect, self.admin_url, statement_cache_size=0, server_settings=named)
        self._admin = KeptSession(connect)
        self._worker = KeptSession(partial(connect_dedicated, self.settings.db.url, name=_WORKER))

    def as_(self, who: Caller | None, **headers: str) -> httpx.AsyncClient:
        """A client that calls the service as ``who``; anonymous for None."""
        if who is not None:
            headers["authorization"] = f"Bearer {self.issuer.token(who)}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers)

    async def sql(self, statement: str, *arguments: Any) -> list[Any]:
        """Rows of any tenant, read past row-level security, for checks of what was really written."""
        async with self._admin.borrowed() as session:
            await session.execute(f"SET search_path TO {self.service.package}")
            return list(await session.fetch(statement, *arguments))

    @asynccontextmanager
    async def as_worker(self) -> AsyncIterator[Connection]:
        """A transaction of the service's role, in a session as its worker has one from batch to batch."""
        async with self._worker.borrowed() as session, session.transaction():
            yield session

    def sessions(self) -> dict[str, int]:
        """How many sessions of which application name it may have while nobody asks it for anything."""
        pool = self.app.state.runtime.database.pool.get_size()
        return {self.settings.service: pool, BELL: 1, _ADMIN: 1, _WORKER: 1}

    async def aclose(self) -> None:
        """End the sessions that are kept."""
        await self._admin.aclose()
        await self._worker.aclose()

    @asynccontextmanager
    async def locked(self, table: str, id: str) -> AsyncIterator[None]:
        """Hold the lock of a row, as another transaction that takes its time."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL search_path TO {self.service.package}")
                await connection.execute(f"SELECT 1 FROM {table} WHERE id = $1 FOR UPDATE", UUID(id))
                yield
        finally:
            await connection.close()


StartService = Callable[..., Awaitable[RunningService]]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TokenIssuer:
    """Signs tokens that the services under test trust."""
    return TokenIssuer(tmp_path_factory.mktemp("issuer"))


@dataclass(slots=True)
class Starter:
    """Starts services' APIs in this process; they stop with ``stack``."""

    make_database: Any
    kafka: KafkaSettings
    issuer: TokenIssuer
    folder: Path
    stack: AsyncExitStack

    async def __call__(
        self,
        service: Service,
        *,
        auth: AuthSettings | None = None,
        kafka: KafkaSettings | None = None,
        tables: Sequence[str] = (),
        **limits: Any,
    ) -> RunningService:
        """Start one; ``tables`` are statements, of a superuser, that the database gets on top of the migrations."""

        def migrate(database: Any) -> None:
            upgrade(service.package, database.url)
            asyncio.run(_execute(database.admin_url, service.package, tables))

        key = f"migrate-{service.package}{''.join(tables)}"
        database = self.make_database(service.package, migrate=migrate, cache_key=key)
        settings = service.settings(
            service=service.name,
            db=DatabaseSettings(url=database.url, pool_max=5),
            kafka=kafka or self.kafka,
            auth=auth or self.issuer.settings,
            audit=AuditSettings(checkpoint_dir=self.folder / "audit"),
            limits=LimitSettings(**limits),
            sealing=SEALING,
            objects=ObjectSettings(url=f"file:{self.folder / 'objects'}"),
            log=LogSettings(requests=False),
        )
        app = create_service_app(service, settings)
        await self.stack.enter_async_context(LifespanManager(app))
        running = RunningService(service, settings, app, self.issuer, database.admin_url)
        self.stack.push_async_callback(running.aclose)
        return running


async def _execute(admin_url: str, package: str, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f"SET search_path TO {package}")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def start_service(
    make_database: Any, kafka_bootstrap: str, passing_topics: str, issuer: TokenIssuer, tmp_path: Path
) -> AsyncIterator[StartService]:
    """Start a service's API in this process, on a fresh migrated database and with topics of its own."""
    kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{passing_topics}{new_id().hex[-8:]}.")
    async with AsyncExitStack() as stack:
        yield Starter(make_database, kafka, issuer, tmp_path, stack)


@pytest.fixture(scope="session")
async def start_shared_service(
    make_shared_database: Any, issuer: TokenIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[StartService]:
    """Like `start_service`, for fixtures of a wider scope; for APIs only, unless it is told of a broker by `kafka`."""
    async with AsyncExitStack() as stack:
        yield Starter(make_shared_database, KafkaSettings(), issuer, tmp_path_factory.mktemp("shared"), stack)


@pytest.fixture
def agent() -> Caller:
    """A user who may do everything, in a tenant of this test's own."""
    return caller()


@pytest.fixture
async def client(service: RunningService, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    """The `service` of the test's own folder, asked by the agent."""
    async with service.as_(agent) as client:
        yield client


async def deliver(
    running: RunningService,
    event: DomainEvent[Any] | InboundMessage,
    *,
    tenant_id: UUID,
    version: int = 0,
    origin: str = "crm",
    event_id: UUID | None = None,
    snapshot: bool = False,
) -> None:
    """Hand ``event`` to the service's handlers as its worker would, in a transaction of its own.

    With ``snapshot`` only its state arrives, as if it had been sent on request. The version gate is not in between:
    call it twice to see that a handler is idempotent by itself.
    """
    record = _record(event, tenant_id=tenant_id, version=version, origin=origin, event_id=event_id or new_id())
    if snapshot:
        record = replace(record, type=f"{record.aggregate_type}.snapshot", snapshot=True)
    tracer = Tracer(running.settings.trace, running.settings.service)
    registry = service_registry(
        running.service, tracer, vault_for(running.settings.sealing, needed=running.service.seals)
    )
    async with running.as_worker() as connection:
        try:
            await registry.run(connection, [record])
        except HandlerError as error:
            raise error.error from error


def _record(
    event: DomainEvent[Any] | InboundMessage, *, tenant_id: UUID, version: int, origin: str, event_id: UUID
) -> Record:
    payload = event.model_dump_json().encode()
    gate_key, subject = None, str(event_id)
    if isinstance(event, DomainEvent):
        gate_key = GateKey(event.aggregate_type, event.state.id)
        subject, version = str(event.state.id), version or event.state.version
    return Record(
        topic=event.topic,
        partition=0,
        offset=0,
        event_id=event_id,
        type=event.type,
        source="/crm/test",
        time=utc_now(),
        tenant_id=tenant_id,
        subject=subject,
        gate_key=gate_key,
        version=version,
        snapshot=False,
        correlation_id=new_id(),
        causation_id=None,
        actor="system:test",
        origin=origin,
        traceparent=None,
        epoch=None,
        data=orjson.loads(payload),
        raw=RawRecord(event.topic, 0, 0, subject.encode(), (), payload),
    )
