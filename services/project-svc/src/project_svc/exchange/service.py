"""Use cases of plans as files: taking one over, and giving one out."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from crm_platform.companies import zone_of
from crm_platform.errors import FieldProblem
from crm_platform.http.problems import from_validation_error
from crm_platform.uow import ANY_VERSION, UnitOfWork
from crm_platform.words import Words
from project_svc.baselines import service as baseline_records
from project_svc.exchange.arriving.baselines import baselines_of
from project_svc.exchange.arriving.incoming import ADAPTED, Incoming, Known
from project_svc.exchange.arriving.parts import parts_of
from project_svc.exchange.errors import FileUnreadable
from project_svc.exchange.leaving.outgoing import number_of
from project_svc.exchange.mspdi.document import LEFT, Left, ProjectFile
from project_svc.exchange.mspdi.reading import read
from project_svc.exchange.mspdi.values import MspdiError
from project_svc.exchange.schemas import FileTakenOver, Missing, Remark
from project_svc.plan import service as plans
from project_svc.projects import service as projects


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """How a file is taken over.

    Attributes:
        time_zone: Where its clock times are; None where the company is.
        missing: What becomes of tasks that an earlier file has brought and this one does not have.
    """

    time_zone: ZoneInfo | None
    missing: Missing


async def take_over(
    unit: UnitOfWork, project_id: UUID, content: bytes, taking: Taking, *, if_match: object
) -> tuple[FileTakenOver, int]:
    """Make a Microsoft Project file part of a plan, wholly or not at all; returns also the plan's new version.

    Tasks that an earlier file has brought are known by their UIDs and changed; others are new. A plan without tasks
    begins when the file does.

    Raises:
        FileUnreadable: It is no such file, or says what a plan cannot hold.
        ProjectEnded: The project is over.
        PlanRefused: What it says contradicts the plan or itself; and whatever else an edit raises.
    """
    language = unit.caller.language
    project = await projects.load(unit, project_id, if_match=ANY_VERSION)
    project.expect_open()
    file = await asyncio.to_thread(_read, content, language)
    whole = await plans.whole_plan(unit.connection, project)
    before = {number: task.id for task in whole.tasks.values() if (number := number_of(task)) is not None}
    if not whole.tasks:
        await _begin_with(unit, project, file)
    zone = taking.time_zone or await zone_of(unit.connection)
    parts = await parts_of(unit, file, time_zone=zone, currency=whole.plan.currency)
    known = Known(
        calendars=parts.calendars,
        around_the_clock=parts.around_the_clock,
        resources=parts.resources,
        tasks=before,
    )
    incoming = Incoming(file, known, zone=zone, currency=whole.plan.currency)
    edit = await asyncio.to_thread(incoming.edit)
    here = {task.uid for task in file.tasks}
    removed = [id for number, id in before.items() if number not in here] if taking.missing is Missing.REMOVE else []
    rendered = await _edit(unit, project_id, edit | {"remove": removed}, file, if_match=if_match)
    edited = plans.PlanEdited.model_validate_json(rendered.body)
    ids = {task.uid: before.get(task.uid) or edited.keys[str(task.uid)] for task in file.tasks}
    baselines = await asyncio.to_thread(baselines_of, file, ids, zone=zone, language=language)
    taken = FileTakenOver(
        plan=plans.PlanState.model_validate(edited, from_attributes=True),
        created=len(here - before.keys()),
        updated=len(here & before.keys()),
        removed=len(removed),
        tasks={str(uid): id for uid, id in ids.items()},
        resources_created=parts.resources_created,
        calendars_created=parts.calendars_created,
        baselines_created=await baseline_records.take_over(
            unit, project_id, baselines.brought, edited=edited, among=set(ids.values())
        ),
        adapted=_remarks(incoming.adapted + parts.adapted, ADAPTED, language),
        left=_remarks({**file.left, **parts.left, Left.BASELINES: baselines.undated}, LEFT, language),
    )
    return taken, rendered.version


def _read(content: bytes, language: str) -> ProjectFile:
    try:
        return read(BytesIO(content))
    except MspdiError as error:
        problems = [FieldProblem(one.place, "unreadable", one.message.into(language)) for one in error.problems]
        raise FileUnreadable(count=len(problems), errors=problems) from error


async def _begin_with(unit: UnitOfWork, project: projects.Project, file: ProjectFile) -> None:
    """Let the project start on the day on which the file does, and be due no earlier than it ends."""
    starts_on = file.start.date()
    ends_on = max(starts_on, project.due_on, file.finish.date() if file.finish else starts_on)
    body = projects.ProjectUpdate(starts_on=starts_on, due_on=ends_on)
    await projects.update_project(unit, project.id, body, if_match=ANY_VERSION)


async def _edit(
    unit: UnitOfWork, project_id: UUID, edit: Mapping[str, Any], file: ProjectFile, *, if_match: object
) -> Any:
    """Edit the plan; what is wrong is told by the task of the file that it is about."""
    try:
        body = await asyncio.to_thread(plans.PlanEdit.model_validate, edit)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        problems = _placed(from_validation_error(found, unit.caller.language).errors, file)
        raise FileUnreadable(count=len(problems), errors=problems) from error
    try:
        return await plans.edit_plan(unit, project_id, body, if_match=if_match)
    except plans.PlanRefused as error:
        problems = _placed(error.errors, file)
        raise FileUnreadable(count=len(problems), errors=problems) from error


def _placed(errors: Iterable[FieldProblem], file: ProjectFile) -> list[FieldProblem]:
    return [FieldProblem(_place(one.pointer, file), one.code, one.detail) for one in errors]


def _place(pointer: str, file: ProjectFile) -> str:
    """`Task 7/duration` for `/tasks/3/duration`, where the fourth task of the file is number 7."""
    parts = pointer.strip("/").split("/")
    if len(parts) > 1 and parts[0] == "tasks" and parts[1].isdecimal() and int(parts[1]) < len(file.tasks):
        return "/".join((f"Task {file.tasks[int(parts[1])].uid}", *parts[2:]))
    return pointer


def _remarks(counts: Mapping[Any, int], texts: Mapping[Any, Words], language: str) -> list[Remark]:
    found = [(kind, count) for kind, count in counts.items() if count]
    return [Remark(code=kind.value, count=count, text=texts[kind].into(language)) for kind, count in sorted(found)]
