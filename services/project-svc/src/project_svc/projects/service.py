"""Use cases of projects as such, and what the other slices need of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.project.v1 import (
    ProjectCancelled,
    ProjectClosed,
    ProjectCompleted,
    ProjectOpened,
    ProjectPaused,
    ProjectPlanned,
    ProjectStarted,
    ProjectStatus,
    ProjectUpdated,
)
from crm_platform.context import Cause
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.http.fields import changes_of
from crm_platform.reads import Reader, Rendered, Resource
from crm_platform.reads.resource import Represent
from crm_platform.uow import UnitOfWork
from project_svc.projects import repository
from project_svc.projects.domain import DEFAULT_RISK_THRESHOLD, ENDED, NOUN, Project
from project_svc.projects.errors import ProjectEnded, UnknownProject
from project_svc.projects.models import PROJECTS
from project_svc.projects.schemas import People, Points, ProjectRead, ProjectUpdate

__all__ = [
    "DEFAULT_RISK_THRESHOLD",
    "ENDED",
    "NOUN",
    "People",
    "Points",
    "Project",
    "ProjectRead",
    "ProjectUpdate",
    "UnknownProject",
    "check_visible",
    "expect",
    "expect_active",
    "expect_not_closed",
    "expect_open",
    "find",
    "find_all",
    "find_by_opportunities",
    "find_contracts",
    "find_newest_open",
    "load",
    "lock_active",
    "lock_opportunities",
    "open_project",
    "open_projects",
    "put_under_contracts",
    "read",
    "record_move",
    "state_of",
    "update_project",
    "view",
]

_EVENTS: Mapping[str, type[DomainEvent[Any]]] = {
    "plan": ProjectPlanned,
    "approve": ProjectStarted,
    "pause": ProjectPaused,
    "resume": ProjectUpdated,
    "complete": ProjectCompleted,
    "close": ProjectClosed,
    "cancel": ProjectCancelled,
}
"""What is told of each action of the life cycle."""


async def open_project(unit: UnitOfWork, project: Project) -> Rendered:
    """Enter a project.

    Raises:
        DueBeforeStart: Its dates contradict each other.
    """
    return await unit.insert(PROJECTS, project.checked(), ProjectOpened)


async def open_projects(unit: UnitOfWork, states: Sequence[Project], *, causes: Sequence[Cause]) -> None:
    """Like :func:`open_project`, for many at once and without showing them."""
    await unit.insert_many(PROJECTS, [project.checked() for project in states], ProjectOpened, causes=causes)


async def load(unit: UnitOfWork, id: UUID, *, if_match: object) -> Project:
    """Read a project and lock it; raises what `UnitOfWork.load` raises."""
    return await unit.load(PROJECTS, id, if_match=if_match)


async def lock_active(unit: UnitOfWork, after: UUID, number: int) -> list[Project]:
    """So many active projects, those behind ``after``, by id; locked."""
    ids = await repository.active_after(unit.connection, after, number)
    found = await unit.find_many(PROJECTS, ids)
    return [found[id] for id in ids if id in found]


async def read(reader: Reader, id: UUID) -> Project:
    """A project as it is, without locking it.

    Raises:
        NotFound: There is none that the caller may see.
    """
    return Project.model_validate_json((await reader.get(PROJECTS.resource, id)).body)


async def find(unit: UnitOfWork, id: UUID) -> Project | None:
    """Read a project and lock it; None if there is none that the caller may see."""
    return await unit.find(PROJECTS, id)


async def find_all(unit: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, Project]:
    """Projects by id, locked, whoever sees them: for what happens to them because of somebody's work."""
    everybody = UnitOfWork(unit.connection, replace(unit.caller, visibility="all"), unit.cause)
    return await everybody.find_many(PROJECTS, ids)


async def find_by_opportunities(unit: UnitOfWork, opportunity_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The ids of the projects that were opened for opportunities, by opportunity; those without are absent."""
    return await repository.find_by_opportunities(unit.connection, opportunity_ids)


async def find_contracts(unit: UnitOfWork, contract_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the contracts that have a project."""
    return await repository.find_contracts(unit.connection, contract_ids)


async def lock_opportunities(unit: UnitOfWork, opportunity_ids: Iterable[UUID]) -> None:
    """Let nobody else open projects for these until the end of the transaction.

    A won opportunity and its signed contract are told on different topics, so they can arrive at the same moment.
    """
    await repository.lock_opportunities(unit.connection, opportunity_ids)


async def put_under_contracts(
    unit: UnitOfWork, changes: Sequence[tuple[Project, Project]], *, causes: Sequence[Cause]
) -> None:
    """Write which signed contracts projects deliver that were there before."""
    await unit.update_many(PROJECTS, changes, ProjectUpdated, causes=causes)


async def find_newest_open(unit: UnitOfWork, customer_id: UUID) -> Project | None:
    """The customer's project that was opened last and is not over, locked; None where there is none."""
    id = await repository.find_newest_open(unit.connection, customer_id)
    found = None if id is None else await find(unit, id)
    return None if found is None or found.status in ENDED else found


async def update_project(unit: UnitOfWork, id: UUID, body: ProjectUpdate, *, if_match: object) -> Rendered:
    """Change the plan of a project.

    Raises:
        ProjectEnded: It is over.
        DueBeforeStart: Its dates would contradict each other.
    """
    before = await load(unit, id, if_match=if_match)
    before.expect_open()
    after = before.with_(**changes_of(body)).checked()
    return await unit.update(PROJECTS, before, after, ProjectUpdated)


async def record_move(
    unit: UnitOfWork, before: Project, after: Project, action: str, *, reason: str | None = None
) -> Rendered:
    """Write what ``action`` made of a project."""
    return await unit.update(PROJECTS, before, after, _EVENTS[action], reason=reason)


async def expect_open(unit: UnitOfWork, id: UUID) -> Project:
    """The project, locked, for somebody who wants to add something to it.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
    """
    project = await expect(unit, id)
    project.expect_open()
    return project


async def expect_not_closed(unit: UnitOfWork, id: UUID) -> Project:
    """The project, locked, for what may still be agreed when all is delivered.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is closed, or was given up.
    """
    project = await expect(unit, id)
    if project.status in {ProjectStatus.CLOSED, ProjectStatus.CANCELLED}:
        raise ProjectEnded(status=project.status.value)
    return project


async def expect_active(unit: UnitOfWork, id: UUID) -> Project:
    """The project, locked, for somebody who works on it.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectNotActive: Nobody carries it out at present.
    """
    project = await expect(unit, id)
    project.expect_active()
    return project


async def expect(unit: UnitOfWork, id: UUID) -> Project:
    """The project, locked, in whatever state it is.

    Raises:
        UnknownProject: There is none that the caller may see.
    """
    project = await find(unit, id)
    if project is None:
        raise UnknownProject(project_id=id)
    return project


async def check_visible(reader: Reader, id: UUID) -> None:
    """Refuse to show parts of a project that the caller may not see.

    Raises:
        NotFound: There is no such project, or not for this caller.
    """
    await reader.get(PROJECTS.resource, id, fields=("id",))


async def state_of(connection: Connection, id: UUID) -> Project:
    """The state of a project, unlocked, for whom :func:`check_visible` lets see it.

    Raises:
        NotFound: There is no such project.
    """
    row = await repository.find(connection, id)
    if row is None:
        raise NotFound(what=NOUN, id=id)
    return PROJECTS.spec.from_row(row)


def view(name: str, represent: Represent) -> Resource:
    """Another way to show a project, as another slice computes it; visible to whom the project is."""
    return Resource(name=name, what=NOUN, table=PROJECTS.table, represent=represent)
