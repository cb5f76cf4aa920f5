"""Alembic for every service: one environment, one way to make and to apply revisions."""

import asyncio
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from alembic.operations import ops
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import MetaData, Table, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from crm_platform.db.schema import row_security
from crm_platform.mechanism import MECHANISM

LOCK_TIMEOUT = "5s"
"""How long a migration may wait for a table lock: queries of the running version queue up behind it."""

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
    """Bring the service's schema up to ``revision``.

    Raises:
        alembic.util.CommandError: Unknown revision.
        sqlalchemy.exc.DBAPIError: A statement failed; its migration is rolled back.
    """
    command.upgrade(migrations_config(package, url), revision)


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
    engine = create_async_engine("postgresql+asyncpg://" + url.split("://", 1)[1], poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run, metadata)
    finally:
        await engine.dispose()


def _run(connection: SqlConnection, metadata: list[MetaData]) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_server_default=False,
        process_revision_directives=_secure_new_tables,
        user_module_prefix=None,
    )
    lock = f"{_ONE_AT_A_TIME}, hashtext(current_schema())"
    connection.execute(text(f"SELECT pg_advisory_lock({lock})"))
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({lock})"))
        connection.commit()


def _secure_new_tables(_: Any, __: Any, directives: list[Any]) -> None:
    """Add row-level security behind every ``create_table`` of a tenant table."""
    script = directives[0]
    steps: list[Any] = []
    for step in script.upgrade_ops.ops:
        steps.append(step)
        if isinstance(step, ops.CreateTableOp):
            table = _model(step.table_name)
            if table.info.get("tenant"):
                steps.extend(ops.ExecuteSQLOp(statement) for statement in row_security(table))
    script.upgrade_ops.ops = steps
    script.downgrade_ops.ops = []


def _model(name: str) -> Table:
    """The model's table: the copy that a directive holds has lost its `info`."""
    targets: list[MetaData] = context.get_context().opts["target_metadata"]
    return next(metadata.tables[name] for metadata in targets if name in metadata.tables)
