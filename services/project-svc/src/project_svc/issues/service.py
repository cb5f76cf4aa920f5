"""Use cases of issues."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_contracts.base import DomainEvent
from crm_contracts.execution.v1 import (
    IssueClosed,
    IssueOpened,
    IssueReopened,
    IssueResolved,
    IssueSeverity,
    IssueStarted,
    IssueUpdated,
)
from crm_platform.db import Connection
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.issues import repository
from project_svc.issues.domain import Issue
from project_svc.issues.models import ISSUES
from project_svc.issues.schemas import IssueCreate, IssueUpdate
from project_svc.plan import service as plan
from project_svc.projects import service as projects

__all__ = ["counts_open", "move_issue", "open_issue", "update_issue"]

_EVENTS: Mapping[str, type[DomainEvent[Any]]] = {
    "start": IssueStarted,
    "resolve": IssueResolved,
    "reopen": IssueReopened,
    "close": IssueClosed,
}
"""What is told of each action of the life cycle."""


async def open_issue(unit: UnitOfWork, body: IssueCreate) -> Rendered:
    """Put an issue of a project on record; also after its end, since defects are found then too.

    Raises:
        UnknownProject: There is none that the caller may see.
        UnknownTask: The task is not one of this project.
    """
    project = await projects.expect(unit, body.project_id)
    await plan.expect_task(unit.connection, project.id, body.task_id)
    issue = Issue(id=new_id(), owner_id=project.owner_id, team_id=project.team_id, **dict(body))
    return await unit.insert(ISSUES, issue, IssueOpened)


async def update_issue(unit: UnitOfWork, id: UUID, body: IssueUpdate, *, if_match: object) -> Rendered:
    """Judge or assign an issue anew; raises what `UnitOfWork.load` raises."""
    before = await unit.load(ISSUES, id, if_match=if_match)
    return await unit.update(ISSUES, before, before.with_(**changes_of(body)), IssueUpdated)


async def move_issue(
    unit: UnitOfWork, id: UUID, action: str, *, if_match: object, reason: str | None = None
) -> Rendered:
    """Take a step: ``start``, ``resolve`` (``reason`` is the resolution), ``reopen`` or ``close``.

    Raises:
        InvalidTransition: Not possible in the present state.
    """
    before = await unit.load(ISSUES, id, if_match=if_match)
    after = before.move(action, at=unit.now, resolution=reason)
    return await unit.update(ISSUES, before, after, _EVENTS[action], reason=reason)


async def counts_open(connection: Connection, project_ids: Sequence[UUID]) -> dict[UUID, dict[IssueSeverity, int]]:
    """How many issues of projects are not resolved, by project and severity."""
    return await repository.counts_open(connection, project_ids)
