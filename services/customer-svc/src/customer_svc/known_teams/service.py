"""Asking the copy of the teams."""

from collections.abc import Collection
from uuid import UUID

from crm_platform.db import Connection
from crm_platform.uow import UnitOfWork
from customer_svc.known_teams import repository
from customer_svc.values.names import id_in, name_key


async def teams_named(unit: UnitOfWork, texts: Collection[str]) -> dict[str, tuple[UUID, ...]]:
    """Which teams texts may mean that name them, or hold an id; a text that means none is absent."""
    ids = {text: id for text in texts if (id := id_in(text)) is not None}
    keys = {text: name_key(text) for text in texts}
    rows = await repository.named(unit.connection, set(keys.values()), set(ids.values())) if texts else []
    found: dict[str, tuple[UUID, ...]] = {}
    for text in texts:
        meant = tuple(row["id"] for row in rows if row["name_key"] == keys[text] or row["id"] == ids.get(text))
        if meant:
            found[text] = meant
    return found


async def unique_names_of(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these teams are called; those that are not known, or share their name with another, are absent."""
    return await repository.unique_names(connection, ids) if ids else {}
