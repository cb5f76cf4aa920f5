"""Use cases of tenants."""

import re
from uuid import UUID

from crm_platform.clock import utc_now
from crm_platform.db import Database
from crm_platform.ids import new_id
from gateway.tenants import repository
from gateway.tenants.repository import Tenant

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")


async def find_tenant(database: Database, slug_or_id: str) -> Tenant | None:
    """The tenant that somebody names who has not signed in yet."""
    id = _as_id(slug_or_id)
    async with database.system() as connection:
        if id is not None:
            return await repository.find(connection, id)
        return await repository.find_by_slug(connection, slug_or_id)


async def ensure_tenant(database: Database, slug: str, name: str) -> Tenant:
    """The tenant of this slug, entered if there is none.

    Raises:
        ValueError: The slug is none.
    """
    if not _SLUG.fullmatch(slug) or _as_id(slug) is not None:
        raise ValueError(f"not a slug (small letters, digits, hyphens): {slug!r}")
    async with database.system() as connection:
        await repository.add(connection, Tenant(new_id(), slug, name), utc_now())
        found = await repository.find_by_slug(connection, slug)
    assert found is not None  # noqa: S101  (the statement before has entered it)
    return found


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


__all__ = ["Tenant", "ensure_tenant", "find_tenant"]
