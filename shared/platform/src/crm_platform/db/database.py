"""Connections that always carry the tenant; nothing else in the code base opens one."""

import asyncio
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import orjson

from crm_platform.db.builtin_types import TypesKnown
from crm_platform.errors import Unavailable
from crm_platform.settings import DatabaseSettings
from crm_platform.words import Words

if TYPE_CHECKING:
    from crm_platform.sealing.vault import Vault

CONNECTION_ERRORS = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InternalClientError,  # also for a session that is told to end while it is idle
)
"""What a lost or refused connection raises."""

DATABASE = Words("PostgreSQL", "数据库")
"""What does not answer then."""


class Connection(TypesKnown):
    """An asyncpg connection that knows for which tenant its session is set, and what opens sealed data."""

    __slots__ = ("begun", "session_tenant", "undone", "vault")

    begun: str
    """What PostgreSQL said to the last statement that its transaction began with, such as ``SELECT 1``."""
    session_tenant: UUID | None
    undone: int
    """How many savepoints were undone; whoever remembers what was written before one, may be mistaken after it."""
    vault: "Vault | None"
    """Opens sealed personal data; None in a process whose service has none."""

    def note_undone(self) -> None:
        """Count a savepoint that was undone."""
        self.undone += 1

    async def begin(self, statements: str) -> None:
        """Begin a transaction with ``statements``."""
        self.begun = await self.execute(statements)

    async def use_tenant(self, tenant_id: UUID) -> None:
        """Point the session at ``tenant_id``; costs a round trip only when it changes."""
        if self.session_tenant == tenant_id:
            return
        self.session_tenant = None  # should the statement fail half way, the next use sets it again
        await self.execute(f"SET crm.tenant_id = '{UUID(int=tenant_id.int)}'")
        self.session_tenant = tenant_id


async def prepare_connection(connection: Any) -> None:
    """Teach a new connection JSON; used for pooled and for dedicated connections."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_dump_json, decoder=orjson.loads, format="text"
        )
    if isinstance(connection, Connection):
        connection.begun = ""
        connection.session_tenant = None
        connection.undone = 0
        connection.vault = None


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _keep_session(_: object) -> None:
    """Leave the session as it is: the default reset costs a round trip per release."""


class Database:
    """A pool of connections to this service's schema.

    ``read`` and ``transaction`` take the tenant and make row-level security apply; ``system`` sees the
    mechanism tables of all tenants (never domain tables) and is for workers only.
    """

    def __init__(self, settings: DatabaseSettings, *, name: str, vault: "Vault | None" = None) -> None:
        self.vault = vault
        self.settings = settings
        self._name = name
        self._pool: asyncpg.Pool | None = None

    def __reduce__(self) -> tuple[Any, tuple[DatabaseSettings]]:
        """For a process that computes for this one, one thing after another; it is not open there."""
        settings = self.settings.model_copy(update={"pool_min": 0, "pool_max": 1})
        return partial(Database, name=f"{self._name}-computing", vault=self.vault), (settings,)

    async def open(self) -> None:
        """Connect.

        Raises:
            Unavailable: PostgreSQL does not answer or refuses the role.
        """
        settings = self.settings
        try:
            self._pool = await asyncpg.create_pool(
                settings.url,
                min_size=settings.pool_min,
                max_size=settings.pool_max,
                connection_class=Connection,
                init=self._prepare,
                reset=_keep_session,
                timeout=settings.connect_timeout,
                statement_cache_size=1000,
                max_cached_statement_lifetime=0,
                server_settings={"application_name": self._name, "timezone": "UTC"},
            )
        except (*CONNECTION_ERRORS, TimeoutError) as error:
            raise Unavailable(what=DATABASE) from error

    async def _prepare(self, connection: Any) -> None:
        await prepare_connection(connection)
        connection.vault = self.vault
        # Not with the server_settings above: a session pooler refuses a start that asks for these.
        settings = self.settings
        timeouts = {
            "statement_timeout": settings.statement_timeout,
            "lock_timeout": settings.lock_timeout,
            "idle_in_transaction_session_timeout": settings.statement_timeout,
        }
        await connection.execute("; ".join(f"SET {name} = {_milliseconds(value)}" for name, value in timeouts.items()))

    async def close(self) -> None:
        """Close all connections; waits for running statements up to five seconds."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    @property
    def pool(self) -> asyncpg.Pool:
        """The open pool, for metrics."""
        if self._pool is None:
            raise Unavailable(what=DATABASE)
        return self._pool

    def read(self, tenant_id: UUID) -> "_Read":
        """A connection for single statements that see only ``tenant_id``."""
        return _Read(self.pool, self.settings.pool_timeout, tenant_id)

    def transaction(self, tenant_id: UUID, *first: str) -> "_Transaction":
        """A transaction that sees only ``tenant_id``; commits on success, rolls back on any exception.

        ``first`` are statements without parameters that go out together with its beginning, in one round trip; of their
        results only :attr:`Connection.begun` is left.
        """
        return self._transaction("; ".join(("BEGIN", f"SET LOCAL crm.tenant_id = '{UUID(int=tenant_id.int)}'", *first)))

    def system(self) -> "_Transaction":
        """A transaction over the mechanism tables of all tenants."""
        return self._transaction("BEGIN; SET LOCAL crm.tenant_id = ''; SET LOCAL crm.system = 'on'")

    def _transaction(self, begin: str) -> "_Transaction":
        return _Transaction(self.pool, self.settings.pool_timeout, begin)

    async def ping(self) -> None:
        """Check that PostgreSQL answers.

        Raises:
            Unavailable: It does not.
        """
        try:
            async with asyncio.timeout(2), self.pool.acquire() as connection:
                await connection.fetchval("SELECT 1")
        except (*CONNECTION_ERRORS, TimeoutError) as error:
            raise Unavailable(what=DATABASE) from error


class _Lease:
    """One connection borrowed from the pool."""

    __slots__ = ("_connection", "_pool", "_timeout")

    def __init__(self, pool: asyncpg.Pool, timeout: float) -> None:
        self._pool = pool
        self._timeout = timeout
        self._connection: Any = None

    async def _acquire(self) -> Any:
        try:
            # The pool's own timeout costs a task of its own for every call.
            async with asyncio.timeout(self._timeout):
                self._connection = await self._pool.acquire()
        except (*CONNECTION_ERRORS, TimeoutError) as error:
            raise Unavailable(what=DATABASE, headers={"retry-after": "1"}) from error
        return self._connection

    async def _release(self) -> None:
        connection, self._connection = self._connection, None
        await self._pool.release(connection)


class _Read(_Lease):
    """Context manager behind :meth:`Database.read`."""

    __slots__ = ("_tenant_id",)

    def __init__(self, pool: asyncpg.Pool, timeout: float, tenant_id: UUID) -> None:
        super().__init__(pool, timeout)
        self._tenant_id = tenant_id

    async def __aenter__(self) -> Connection:
        connection = await self._acquire()
        try:
            await connection.use_tenant(self._tenant_id)
        except BaseException:
            await self._release()
            raise
        return connection  # type: ignore[no-any-return]

    async def __aexit__(self, *_: object) -> None:
        await self._release()


class _Transaction(_Lease):
    """Context manager behind :meth:`Database.transaction` and :meth:`Database.system`."""

    __slots__ = ("_begin",)

    def __init__(self, pool: asyncpg.Pool, timeout: float, begin: str) -> None:
        super().__init__(pool, timeout)
        self._begin = begin

    async def __aenter__(self) -> Connection:
        connection = await self._acquire()
        try:
            await connection.begin(self._begin)
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        return connection  # type: ignore[no-any-return]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = self._connection
        try:
            if kind is None:
                await _commit(connection)
            elif not connection.is_closed():
                async with asyncio.timeout(self._timeout):
                    await connection.execute("ROLLBACK")
        except BaseException as failure:
            # The outcome of the transaction is unknown or its session unusable: never give it back to the pool.
            connection.terminate()
            if kind is None or isinstance(failure, asyncio.CancelledError):
                raise
        finally:
            await self._release()


async def _commit(connection: Any) -> None:
    """Commit, and make sure of it.

    Raises:
        asyncpg.InFailedSQLTransactionError: A statement had failed before and somebody went on regardless; PostgreSQL
            takes such a COMMIT for a ROLLBACK without a word.
    """
    if await connection.execute("COMMIT") != "COMMIT":
        raise asyncpg.InFailedSQLTransactionError("the transaction was rolled back: one of its statements had failed")


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))


async def connect_dedicated(url: str, *, name: str, **server_settings: str) -> Connection:
    """Open a connection outside the pool, for leases, LISTEN and leader locks; the caller closes it."""
    connection: Any = await asyncpg.connect(
        url,
        connection_class=Connection,
        timeout=5,
        server_settings={"application_name": name, "timezone": "UTC", **server_settings},
    )
    try:
        await prepare_connection(connection)
    except BaseException:
        connection.terminate()
        raise
    return connection  # type: ignore[no-any-return]


class Savepoint:
    """Part of a transaction that can fail without the rest; an exception undoes it and passes on.

    Without ``keep`` it is undone in any case: what is done in it is only looked at.
    """

    __slots__ = ("_connection", "_keep")

    def __init__(self, connection: Connection, *, keep: bool = True) -> None:
        self._connection = connection
        self._keep = keep

    async def __aenter__(self) -> None:
        await self._connection.execute("SAVEPOINT part")

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._connection.is_closed() or (kind is not None and not issubclass(kind, Exception)):
            return  # lost or cancelled: the whole transaction is
        undo = ""
        if kind is not None or not self._keep:
            undo = "ROLLBACK TO SAVEPOINT part; "
            self._connection.note_undone()
        await self._connection.execute(f"{undo}RELEASE SAVEPOINT part")
