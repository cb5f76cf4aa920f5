"""Queries of the working calendars beyond load, insert and update."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.work_calendars.models import WORK_CALENDARS, work_calendars

_MANY = Query(
    select(*WORK_CALENDARS.loaded_columns()).where(work_calendars.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
)

_NAMED = Query(
    select(*WORK_CALENDARS.loaded_columns())
    .where(work_calendars.c.name == bindparam("names", type_=ARRAY(Text)).any_())
    .order_by(work_calendars.c.id)
)


async def find_many(connection: Connection, ids: Iterable[UUID]) -> Sequence[Any]:
    """The rows of calendars; those that do not exist are absent."""
    rows: Sequence[Any] = await connection.fetch(_MANY.text, *_MANY.args(ids=sorted(ids)))
    return rows


async def find_named(connection: Connection, names: Iterable[str]) -> Sequence[Any]:
    """The rows of those with one of these names, the oldest first."""
    rows: Sequence[Any] = await connection.fetch(_NAMED.text, *_NAMED.args(names=sorted(names)))
    return rows
