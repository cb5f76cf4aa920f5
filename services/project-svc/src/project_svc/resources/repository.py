"""Queries of the resources beyond load, insert and update."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_platform.db import Connection, Query
from project_svc.resources.models import RESOURCES, resources

_MANY = Query(select(*RESOURCES.loaded_columns()).where(resources.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_()))


async def find_many(connection: Connection, ids: Iterable[UUID]) -> Sequence[Any]:
    """The rows of resources; those that do not exist are absent."""
    rows: Sequence[Any] = await connection.fetch(_MANY.text, *_MANY.args(ids=sorted(ids)))
    return rows
