"""What a template would make, seen without keeping it."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from crm_contracts.project_template.v1 import TemplateCounts
from crm_platform.db.database import Savepoint
from crm_platform.uow import UnitOfWork
from project_svc.plan import service as plans
from project_svc.project_templates.content.parts import TemplateContent
from project_svc.project_templates.opening.building import Built, build
from project_svc.project_templates.opening.drafting import Sketch, sketched
from project_svc.project_templates.opening.planning import Unassigned
from project_svc.project_templates.schemas import PreviewDay, PreviewTask, PreviewUnassigned, TemplatePreview
from project_svc.projects import service as projects
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.scheduling.network.schedule import Dates


async def tried(
    unit: UnitOfWork, project: projects.Project, content: TemplateContent, *, latest: date | None
) -> tuple[Built, Sketch]:
    """Open a project from a template, look at it, and take it back: what is refused here is refused there.

    Its plan is not even written, since of thousands of tasks that would be most of the work.

    Raises:
        TemplateRefused: Something cannot be so.
    """
    trial = UnitOfWork(unit.connection, unit.caller, unit.cause, clock=lambda: unit.now)
    async with Savepoint(unit.connection, keep=False):
        await projects.open_project(trial, project)
        sketch = await sketched(unit.connection, project, content, unit.caller.language)
        return await build(trial, project, content, latest=latest, sketch=sketch), sketch


def counts_of(content: TemplateContent) -> TemplateCounts:
    """How much there is in a template."""
    names = set(TemplateCounts.model_fields) - {"tasks"}
    return TemplateCounts(tasks=len(content.plan.tasks), **{name: len(getattr(content, name)) for name in names})


async def preview(
    unit: UnitOfWork,
    project: projects.Project,
    content: TemplateContent,
    *,
    due_on: date | None,
    latest: date | None,
) -> TemplatePreview:
    """What a project would begin with; raises what :func:`tried` raises.

    Args:
        unit: The transaction.
        project: It.
        content: What it would begin with.
        due_on: When it is due, where that was said or the template says it.
        latest: When the last deliverable is due, where somebody has said when the project is.
    """
    built, sketch = await tried(unit, project, content, latest=latest)
    plan = sketch.schedule if sketch.whole.tasks else None
    return TemplatePreview(
        starts_on=project.starts_on,
        due_on=due_on,
        starts_at=None if plan is None else datetime_of(plan.start),
        finishes_at=None if plan is None else datetime_of(plan.finish),
        counts=counts_of(content),
        tasks=await asyncio.to_thread(_tasks, sketch),
        unassigned=told(built.unassigned),
        deliverables=[PreviewDay(name=one.name, on=one.due_on) for one in built.deliverables],
        recurring_deliverables=[PreviewDay(name=one.name, on=one.first_due_on) for one in built.recurring_deliverables],
        quality_gates=[PreviewDay(name=one.name, on=one.planned_on) for one in built.quality_gates],
        outcomes=[PreviewDay(name=one.name, on=one.review_on) for one in built.outcomes],
        risks=[one.title for one in built.risks],
        monitors=[one.name for one in built.monitors],
    )


def told(unassigned: Iterable[Unassigned]) -> list[PreviewUnassigned]:
    """What nobody was found for, as clients get it."""
    return [
        PreviewUnassigned(task=task, skills=list(need.skills), resource_id=need.resource_id)
        for task, need in unassigned
    ]


def _tasks(sketch: Sketch) -> list[PreviewTask]:
    keys = {id: key for key, id in sketch.keys.items()}
    return [_task(*placed, keys, sketch.schedule.dates) for placed in plans.in_order(sketch.whole.tasks.values())]


def _task(
    task: plans.Task, level: int, number: str | None, keys: Mapping[UUID, str], dates: Mapping[str, Dates]
) -> PreviewTask:
    found = dates[str(task.id)]
    return PreviewTask(
        key=keys[task.id],
        name=task.name,
        kind=task.kind,
        level=level,
        outline=number,
        starts_at=datetime_of(found.start),
        finishes_at=datetime_of(found.finish),
        critical=found.critical,
        resource_ids=[one.resource_id for one in task.assignments],
    )
