"""Fresh databases for tests: used ones emptied, or copies of a template that is migrated once."""

import asyncio
import contextlib
import hashlib
import inspect
import itertools
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import asyncpg

from crm_platform.db.preparation import (
    ROLES_LOCK,
    Connection,
    Owner,
    connect,
    create_database,
    database_url,
    ensure_role,
    prepare_database,
    role_url,
)
from crm_runtime.testing import emptying

Result = TypeVar("Result")

MOST_USES = 50
"""What was deleted stays in the files until somebody vacuums, and nobody does in a test run."""


@dataclass(frozen=True, kw_only=True)
class FreshDatabase:
    """A database of one test, with a role and a schema per package."""

    name: str
    urls: Mapping[str, str]
    """Login URL of each package's role, by package name."""
    admin_url: str
    """Login URL of the superuser in this database."""
    template: str = ""
    shape: str | None = None
    """What tells whether the schema is still that of the template; None for a database that is not used again."""
    uses: int = 1

    @property
    def url(self) -> str:
        """Login URL of the first (mostly the only) package's role."""
        return next(iter(self.urls.values()))


Migrate = Callable[[FreshDatabase], Awaitable[None] | None]
"""Brings an empty database to the newest schema. Plain or async; runs where no event loop is running."""


class DatabaseFactory:
    """Makes databases on one server. Its methods may be called from plain and from async tests alike."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url
        # One thread with a loop of its own: the caller may have a running loop, or none.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="databases")
        self._runner = asyncio.Runner()
        self._admin: Connection | None = None
        self._known_templates: set[str] = set()
        self._emptied: dict[str, list[FreshDatabase]] = {}
        # By database. A new session takes ten times as long to learn the catalogues as to delete the rows.
        self._sessions: dict[str, Connection] = {}
        self._numbers = itertools.count(1)

    def create(self, *packages: str, migrate: Migrate | None = None, cache_key: str | None = None) -> FreshDatabase:
        """A new database with a role and a schema for each package.

        With `migrate`, it is a copy of a template which that function has migrated once in this test run. The
        template is found again by `cache_key`, or by the function's own name when it is a top-level function.
        """
        if not packages:
            raise ValueError("name the package (or packages) whose role and schema are wanted")
        return self._thread.submit(self._create, packages, migrate, cache_key).result()

    def give_back(self, database: FreshDatabase) -> None:
        """Empty it for the next who wants such a database; one whose schema was changed is removed.

        Whatever sessions it still has are ended.
        """
        self._thread.submit(self._give_back, database).result()

    def wash(self, database: FreshDatabase, kept: Mapping[str, int]) -> bool:
        """Empty it under a service that goes on; False when it cannot be used again, for `give_back` to see to.

        Args:
            database: One that nobody has given back.
            kept: The service's idle sessions, by application name: how many there may be. All others are ended.
        """
        return self._thread.submit(lambda: self._run(self._empty(database, kept))).result()

    def drop(self, database: FreshDatabase) -> None:
        """Remove it, ending whatever sessions it still has."""
        self._thread.submit(self._run, self._drop(database)).result()

    def close(self) -> None:
        """End the factory's own connection and thread; databases stay."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _create(self, packages: tuple[str, ...], migrate: Migrate | None, cache_key: str | None) -> FreshDatabase:
        owners = [self._owner(package) for package in packages]
        key = _template_key(packages, migrate, cache_key)
        template = self._template(owners, migrate if key is not None else None, key or repr(packages))
        if key is not None and (shelf := self._emptied.get(template)):
            used = shelf.pop()
            return replace(used, uses=used.uses + 1)
        database = self._database(f"test_{os.getpid()}_{next(self._numbers)}", owners)
        self._run(self._copy(template, database.name, owners))
        if migrate is not None and key is None:
            _migrate(migrate, database)
            return database
        return replace(database, template=template, shape=self._run(self._shape(database)))

    def _give_back(self, database: FreshDatabase) -> None:
        if database.shape is not None and database.uses < MOST_USES and self._run(self._empty(database)):
            self._emptied.setdefault(database.template, []).append(database)
        else:
            self._run(self._drop(database))

    async def _drop(self, database: FreshDatabase) -> None:
        await self._leave(database)
        await self._execute(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")

    async def _shape(self, database: FreshDatabase) -> str | None:
        return await emptying.shape_of(await self._inside(database))

    async def _empty(self, database: FreshDatabase, kept: Mapping[str, int] | None = None) -> bool:
        if database.shape is None:
            return False
        try:
            return await emptying.empty(await self._inside(database), database.shape, kept)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            # The test has ended all sessions, this one too.
            await self._leave(database)
            return await emptying.empty(await self._inside(database), database.shape, kept)

    async def _inside(self, database: FreshDatabase) -> Connection:
        session = self._sessions.get(database.name)
        if session is None or session.is_closed():
            session = self._sessions[database.name] = await connect(database.admin_url)
        return session

    async def _leave(self, database: FreshDatabase) -> None:
        if session := self._sessions.pop(database.name, None):
            await _close(session)

    def _template(self, owners: list[Owner], migrate: Migrate | None, key: str) -> str:
        digest = hashlib.sha256(key.encode()).digest()
        name = f"template_{digest.hex()[:16]}"
        if name in self._known_templates:
            return name
        # xdist workers ask for the same template at the same moment: one makes it, the others wait.
        lock = int.from_bytes(digest[:8], signed=True)
        self._run(self._execute("SELECT pg_advisory_lock($1)", lock))
        try:
            if not self._run(self._is_template(name)):
                self._make_template(name, owners, migrate)
        finally:
            self._run(self._execute("SELECT pg_advisory_unlock($1)", lock))
        self._known_templates.add(name)
        return name

    def _make_template(self, name: str, owners: list[Owner], migrate: Migrate | None) -> None:
        database = self._database(name, owners)
        self._run(self._prepare(database, owners))
        if migrate is not None:
            try:
                _migrate(migrate, database)
            except BaseException:
                self._run(self._execute(f"DROP DATABASE {name} WITH (FORCE)"))
                raise
        self._run(self._execute(f"ALTER DATABASE {name} IS_TEMPLATE true ALLOW_CONNECTIONS false"))

    async def _prepare(self, database: FreshDatabase, owners: list[Owner]) -> None:
        admin = await self._connection()
        # Roles belong to the whole server: other templates that need the same role are made at the same time.
        await admin.execute("SELECT pg_advisory_lock($1)", ROLES_LOCK)
        try:
            for owner in owners:
                await ensure_role(admin, owner)
        finally:
            await admin.execute("SELECT pg_advisory_unlock($1)", ROLES_LOCK)
        await admin.execute(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")
        await create_database(admin, database.name)
        inside = await connect(database.admin_url)
        try:
            await prepare_database(inside, database.name, owners)
        finally:
            await inside.close()

    async def _copy(self, template: str, name: str, owners: list[Owner]) -> None:
        admin = await self._connection()
        # Copied as files, as nothing is synchronised here: a quarter of what it costs by way of the write-ahead log.
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        # A copy takes over everything inside, but not the rights on the database as such.
        names = ", ".join(owner.name for owner in owners)
        await admin.execute(
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {names}"
        )

    async def _is_template(self, name: str) -> bool:
        admin = await self._connection()
        return bool(await admin.fetchval("SELECT datistemplate FROM pg_database WHERE datname = $1", name))

    async def _execute(self, statement: str, *arguments: object) -> None:
        await (await self._connection()).execute(statement, *arguments)

    async def _connection(self) -> Connection:
        if self._admin is None or self._admin.is_closed():
            self._admin = await connect(self._admin_url)
        return self._admin

    def _database(self, name: str, owners: list[Owner]) -> FreshDatabase:
        return FreshDatabase(
            name=name,
            urls={owner.name: role_url(self._admin_url, owner, database=name) for owner in owners},
            admin_url=database_url(self._admin_url, name),
        )

    def _owner(self, package: str) -> Owner:
        # Every worker must know the password of a role that another worker may have made.
        return Owner(package, hashlib.sha256(f"{self._admin_url}:{package}".encode()).hexdigest()[:16])

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(work)

    def _close(self) -> None:
        for session in (*self._sessions.values(), *([self._admin] if self._admin else [])):
            self._run(_close(session))
        self._runner.close()


async def _close(session: Connection) -> None:
    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await session.close()


def _template_key(packages: tuple[str, ...], migrate: Migrate | None, cache_key: str | None) -> str | None:
    """None when the migration cannot be named, and so its outcome cannot be found again."""
    if migrate is None:
        return f"{packages}"
    if cache_key is not None:
        return f"{packages}:{cache_key}"
    name = getattr(migrate, "__qualname__", "<no name>")
    # Two closures of one name may do different things.
    return None if "<" in name else f"{packages}:{migrate.__module__}.{name}"


def _migrate(migrate: Migrate, database: FreshDatabase) -> None:
    outcome = migrate(database)
    if inspect.isawaitable(outcome):
        asyncio.run(_finish(outcome))


async def _finish(work: Awaitable[None]) -> None:
    await work
