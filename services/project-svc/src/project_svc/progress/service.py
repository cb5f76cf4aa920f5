"""Use cases of progress reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from crm_contracts.execution.v1 import ProgressReported
from crm_platform.db import Connection
from crm_platform.errors import InvalidPayload
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.plan import service as plan
from project_svc.progress import repository
from project_svc.progress.domain import ProgressReport
from project_svc.progress.models import PROGRESS_REPORTS
from project_svc.progress.schemas import ProgressReportCreate
from project_svc.projects import service as projects

__all__ = ["Reported", "of_projects", "report_progress"]


class Reported(NamedTuple):
    """What was known of a task from a time on."""

    task_id: UUID
    as_of: datetime
    percent_complete: int
    actual_start: datetime | None
    actual_finish: datetime | None
    remaining: int | None


async def report_progress(unit: UnitOfWork, body: ProgressReportCreate) -> Rendered:
    """Report how far a task is; the task takes it over unless there is a report of a later time.

    The project is locked first, as by whoever edits its plan.

    Raises:
        UnknownTask: There is no such task that the caller may see.
        ProjectEnded: Its project is over.
        InvalidPayload: The report contradicts itself, or speaks of the future.
        PlanRefused: The plan does not allow it, such as progress of a summary.
    """
    project = await projects.expect_open(unit, await plan.expect_project_of(unit, body.task_id))
    given = body.model_dump(exclude={"as_of"})
    report = ProgressReport(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        as_of=body.as_of or unit.now,
        **given,
    )
    problems = report.problems(unit.now, unit.caller.language)
    if problems:
        raise InvalidPayload(count=len(problems), errors=problems)
    if not await repository.is_overtaken(unit.connection, report.task_id, report.as_of):
        await plan.take_over_progress(unit, report.task_id, body.model_dump(include=set(plan.PROGRESS)))
    return await unit.insert(PROGRESS_REPORTS, report, ProgressReported)


async def of_projects(connection: Connection, project_ids: Sequence[UUID]) -> dict[UUID, list[Reported]]:
    """All reports of projects, by task and time; a project without reports is absent."""
    found: dict[UUID, list[Reported]] = {}
    for project_id, *report in await repository.of_projects(connection, project_ids):
        found.setdefault(project_id, []).append(Reported(*report))
    return found
