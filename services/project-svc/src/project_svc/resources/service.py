"""Use cases of resources, and what the other slices need of them."""

from collections.abc import Iterable
from uuid import UUID

from crm_contracts.plan.v1 import ResourceCreated, ResourceUpdated
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.resources import repository
from project_svc.resources.domain import ALWAYS, Resource
from project_svc.resources.models import RESOURCES
from project_svc.resources.schemas import ResourceCreate, ResourceUpdate
from project_svc.work_calendars import service as calendars

__all__ = [
    "ALWAYS",
    "Resource",
    "ResourceCreate",
    "create_resource",
    "find_many",
    "find_named",
    "find_of_user",
    "find_skilled",
    "update_resource",
]


async def create_resource(unit: UnitOfWork, body: ResourceCreate) -> Rendered:
    """Enter a resource.

    Raises:
        UnknownWorkCalendar: Its calendar does not exist.
        ImpossibleResource: What is said about it contradicts itself.
    """
    await calendars.expect(unit.connection, body.calendar_id)
    resource = Resource(id=new_id(), **body.model_dump()).checked(unit.caller.language)
    return await unit.insert(RESOURCES, resource, ResourceCreated)


async def update_resource(unit: UnitOfWork, id: UUID, body: ResourceUpdate, *, if_match: object) -> Rendered:
    """Change a resource; raises what :func:`create_resource` raises."""
    before = await unit.load(RESOURCES, id, if_match=if_match)
    after = before.changed(**changes_of(body)).checked(unit.caller.language)
    await calendars.expect(unit.connection, after.calendar_id)
    return await unit.update(RESOURCES, before, after, ResourceUpdated)


async def find_many(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Resource]:
    """Resources by id; those that do not exist are absent."""
    wanted = set(ids)
    rows = await repository.find_many(connection, wanted) if wanted else ()
    return {row["id"]: RESOURCES.spec.from_row(row) for row in rows}


async def find_of_user(connection: Connection, user_id: UUID) -> Resource | None:
    """The resource that a user is; of several the first that is active."""
    row = await repository.find_of_user(connection, user_id)
    return None if row is None else RESOURCES.spec.from_row(row)


async def find_named(connection: Connection, names: Iterable[str]) -> list[Resource]:
    """Resources with one of these names that can still be planned, the oldest first."""
    wanted = set(names)
    rows = await repository.find_named(connection, wanted) if wanted else ()
    return [one for one in map(RESOURCES.spec.from_row, rows) if one.active]


async def find_skilled(connection: Connection, skills: Iterable[str]) -> list[Resource]:
    """Resources with at least one of these skills that can still be planned, the oldest first."""
    wanted = set(skills)
    rows = await repository.find_skilled(connection, wanted) if wanted else ()
    return [RESOURCES.spec.from_row(row) for row in rows]
