"""Alembic for every service: one environment, one way to make and to apply revisions."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from alembic import command, context
from alembic.config import Config
from alembic.operations import ops
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import MetaData, Table, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from crm_platform.db.schema import row_security
from crm_platform.mechanism import MECHANISM
from crm_platform.search.access import search_access
from crm_platform.search.declare import COLUMN, SEARCHED

LOCK_TIMEOUT = "5s"
"""How long a migration may wait for a table lock: queries of the running version queue up behind it."""

_CONNECT_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_TURN_SECONDS = 0.2

_log = structlog.get_logger(__name__)

_ONE_AT_A_TIME = 4_201_105
"""Advisory lock: two copies of a service that start together migrate one after the other."""


def migrations_config(package: str, url: str) -> Config:
    """The alembic configuration of the service ``package``, whose revisions are in ``<package>/migrations``."""
    folder = Path(str(resources.files(package))) / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = url
    return config


def upgrade(package: str, url: str, revision: str = "head") -> None:
    """Bring the service's schema up to ``revision``; one that a newer version of the service has migrated stays.

    Raises:
        alembic.util.CommandError: Unknown revision.
        sqlalchemy.exc.DBAPIError: A statement failed; its migration is rolled back.
    """
    config = migrations_config(package, url)
    if asyncio.run(_schema_is(url, _Revisions(config).are_older_than)):
        _log.warning("schema_is_newer", package=package)
        return
    command.upgrade(config, revision)


async def await_upgrade(package: str, url: str, seconds: float) -> bool:
    """Wait until somebody else has brought the schema up to what this version needs; False when the time is up.

    A schema of a newer version will do: its migrations let the version before them go on.
    """
    revisions = _Revisions(migrations_config(package, url))
    deadline = time.monotonic() + seconds
    while not await _schema_is(url, revisions.are_served_by):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True


class _Revisions:
    """The revisions that this version of a service brings."""

    def __init__(self, config: Config) -> None:
        scripts = ScriptDirectory.from_config(config)
        self._heads = set(scripts.get_heads())
        self._known = {script.revision for script in scripts.walk_revisions()}

    def are_older_than(self, found: str) -> bool:
        """Whether the schema is at a revision that only a newer version knows."""
        return found not in self._known

    def are_served_by(self, found: str) -> bool:
        """Whether this version can run on that schema."""
        return found in self._heads or self.are_older_than(found)


async def _schema_is(url: str, wanted: Callable[[str], bool]) -> bool:
    """Whether the schema's revision is as wanted; False before the first migration, and while nothing answers."""
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return False
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found is not None and wanted(found)
    finally:
        await connection.close()


def make_revision(package: str, url: str, message: str) -> None:
    """Write a new revision with the difference between the models and the database at ``url``."""
    config = migrations_config(package, url)
    known = len(list((Path(config.get_main_option("script_location") or "") / "versions").glob("[0-9]*.py")))
    command.revision(config, message, autogenerate=True, rev_id=f"{known + 1:04d}")


def run_environment(package: str) -> None:
    """What the ``env.py`` of every service calls: apply or compare, for all tables of the service."""
    metadata: MetaData = import_module(f"{package}.slices").SERVICE.metadata
    url: str = context.config.attributes["url"]
    asyncio.run(_run_online(url, [metadata, MECHANISM]))


async def _run_online(url: str, metadata: list[MetaData]) -> None:
    # asyncpg reads the URL itself: SQLAlchemy does not know its `sslmode`.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(asyncpg.connect, url), poolclass=pool.NullPool
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run, metadata)
    finally:
        await engine.dispose()


def _run(connection: SqlConnection, metadata: list[MetaData]) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=_counting(metadata),
        transaction_per_migration=True,
        compare_server_default=False,
        process_revision_directives=_secure_new_tables,
        user_module_prefix=None,
    )
    lock = f"{_ONE_AT_A_TIME}, hashtext(current_schema())"
    _await_turn(connection, lock)
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({lock})"))
        connection.commit()


def _await_turn(connection: SqlConnection, lock: str) -> None:
    """Take the lock as soon as no other copy has it.

    By asking again and again: a statement that waits keeps a snapshot, and an index that the other copy is making while
    its table is in use waits for every snapshot there is.
    """
    while not connection.scalar(text(f"SELECT pg_try_advisory_lock({lock})")):
        connection.commit()
        time.sleep(_TURN_SECONDS)  # allow no-blocking-sleep: alembic is not async, and nothing else runs meanwhile
    connection.commit()


def _counting(metadata: list[MetaData]) -> Callable[[Any, str | None, str, bool, Any], bool]:
    """Tell what in the database matters: columns that a table's info calls retired wait for a later version."""

    def counts(item: Any, name: str | None, kind: str, reflected: bool, compared_with: Any) -> bool:
        if not reflected or compared_with is not None or kind not in {"column", "index"}:
            return True
        model = next((one.tables[item.table.name] for one in metadata if item.table.name in one.tables), None)
        retired: frozenset[str] = frozenset() if model is None else model.info.get("retired", frozenset())
        named = {name} if kind == "column" else {column.name for column in item.columns}
        return not named & retired

    return counts


def _secure_new_tables(_: Any, __: Any, directives: list[Any]) -> None:
    """Add row-level security behind every ``create_table`` of a tenant table."""
    script = directives[0]
    steps: list[Any] = []
    for step in script.upgrade_ops.ops:
        steps.append(step)
        if isinstance(step, ops.CreateTableOp):
            table = _model(step.table_name)
            # What a table's `info` asks for stands in the statements; and not all of it can be written down.
            step.info = {}
            if table.info.get("tenant"):
                steps.extend(ops.ExecuteSQLOp(statement) for statement in row_security(table))
        if (name := _made_searchable(step)) is not None:
            steps.extend(ops.ExecuteSQLOp(statement) for statement in search_access(_model(name)))
    script.upgrade_ops.ops = steps
    script.downgrade_ops.ops = []


def _made_searchable(step: Any) -> str | None:
    """The table that ``step`` gives its column of words; None for any other step."""
    if isinstance(step, ops.CreateTableOp):
        return step.table_name if _model(step.table_name).info.get(SEARCHED) else None
    added = [one for one in getattr(step, "ops", ()) if isinstance(one, ops.AddColumnOp)]
    return next((str(one.table_name) for one in added if one.column.name == COLUMN), None)


def _model(name: str) -> Table:
    """The model's table: the copy that a directive holds has lost its `info`."""
    targets: list[MetaData] = context.get_context().opts["target_metadata"]
    return next(metadata.tables[name] for metadata in targets if name in metadata.tables)
