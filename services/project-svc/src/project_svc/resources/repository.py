"""Queries of the resources beyond load, insert and update."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.resources.models import RESOURCES, resources

_MANY = Query(select(*RESOURCES.loaded_columns()).where(resources.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_()))

_OF_USER = Query(
    select(*RESOURCES.loaded_columns())
    .where(resources.c.user_id == bindparam("user_id", type_=Uuid))
    .order_by(resources.c.active.desc(), resources.c.id)
    .limit(1)
)
_NAMED = Query(
    select(*RESOURCES.loaded_columns())
    .where(resources.c.name == bindparam("names", type_=ARRAY(Text)).any_())
    .order_by(resources.c.id)
)
_SKILLED = Query(
    select(*RESOURCES.loaded_columns())
    .where(resources.c.skills.op("&&")(bindparam("skills", type_=ARRAY(Text))), resources.c.active)
    .order_by(resources.c.id)
)


async def find_many(connection: Connection, ids: Iterable[UUID]) -> Sequence[Any]:
    """The rows of resources; those that do not exist are absent."""
    rows: Sequence[Any] = await connection.fetch(_MANY.text, *_MANY.args(ids=sorted(ids)))
    return rows


async def find_of_user(connection: Connection, user_id: UUID) -> Any:
    """The row of the resource that a user is; None if there is none."""
    return await connection.fetchrow(_OF_USER.text, *_OF_USER.args(user_id=user_id))


async def find_skilled(connection: Connection, skills: Iterable[str]) -> Sequence[Any]:
    """The rows of those that have one of these skills and can be planned, the oldest first."""
    rows: Sequence[Any] = await connection.fetch(_SKILLED.text, *_SKILLED.args(skills=sorted(skills)))
    return rows


async def find_named(connection: Connection, names: Iterable[str]) -> Sequence[Any]:
    """The rows of those with one of these names, the oldest first."""
    rows: Sequence[Any] = await connection.fetch(_NAMED.text, *_NAMED.args(names=sorted(names)))
    return rows
