"""The database of a system that runs here: prepared by the platform, and claimed for one system at a time."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from crm_platform.db import preparation
from crm_platform.db.preparation import (
    DATABASE,
    Connection,
    Owner,
    Unusable,
    database_url,
    role_url,
)
from crm_runtime.errors import RuntimeProblem

__all__ = ["DATABASE", "Connection", "Owner", "bootstrap", "claim", "connect", "database_url", "role_url"]


async def bootstrap(admin_url: str, owners: Iterable[Owner], *, database: str = DATABASE) -> dict[str, str]:
    """Make database, roles and schemas where they are missing; returns each owner's URL by its name."""
    with _for_a_person():
        return await preparation.prepare(admin_url, owners, database=database)


async def connect(url: str) -> Connection:
    """Log in, or say in one sentence why that is not possible."""
    with _for_a_person():
        return await preparation.connect(url)


async def claim(admin_url: str, owners: Iterable[Owner], *, database: str = DATABASE) -> Connection:
    """Take these roles of a server for one running system, until the returned connection is closed.

    Each installation sets passwords of its own: a second one on the same server would lock the first one out.
    """
    admin = await connect(admin_url)
    subject = f"{database}:{','.join(sorted(owner.name for owner in owners))}"
    if not await admin.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", subject):
        await admin.close()
        raise RuntimeProblem("Another running system uses that PostgreSQL server; stop it, or use another server.")
    return admin


@contextmanager
def _for_a_person() -> Iterator[None]:
    try:
        yield
    except Unusable as error:
        raise RuntimeProblem(str(error)) from error
