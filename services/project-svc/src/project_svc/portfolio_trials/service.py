"""Trying a project beside those that there are."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from crm_contracts.project.v1 import ProjectStatus
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.errors import FieldProblem, Forbidden, InvalidPayload
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from project_svc.capacity import service as capacity
from project_svc.plan import service as plans
from project_svc.portfolio_trials import repository
from project_svc.portfolio_trials.domain import MOST_TASKS, MOST_WEEKS
from project_svc.portfolio_trials.errors import AlreadyCommitted, NothingToTry, TooLargeToLevel
from project_svc.portfolio_trials.schemas import WhatIf
from project_svc.portfolio_trials.trying.answer import tried
from project_svc.portfolio_trials.trying.question import Member, Question
from project_svc.project_templates import service as templates
from project_svc.projects import service as projects
from project_svc.schedules import service as schedules
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.standings import service as standings
from project_svc.templates import service as ready_made

__all__ = ["expect_triable", "question_of", "tried"]

_ONE_OF = Words(
    "Say one of which project, of which template, and what it would need.", "请指定项目、模板或所需工时，三者选一。"
)
_UNKNOWN_PROJECT = Words("There is no such project.", "项目不存在。")
_UNKNOWN_TEMPLATE = Words("No template of this code is published.", "没有该编码的已发布模板。")
_TOO_FAR = Words(f"The starts are more than {MOST_WEEKS} weeks apart.", f"各开始日期相距超过 {MOST_WEEKS} 周。")
_TRIABLE: Final = frozenset({ProjectStatus.DRAFT, ProjectStatus.ON_HOLD})
_WEEK: Final = timedelta(7)
_LONGEST: Final = timedelta(7 * 300)


async def expect_triable(unit: UnitOfWork, body: WhatIf) -> UUID | None:
    """Refuse what cannot be tried; returns the edition of the template that is meant, if one is.

    Raises:
        InvalidPayload: Not just one of a project, a template and needs is given; or the starts are too far apart.
        UnknownProject: There is no such project, or not for this caller.
        UnknownTemplate: The company has published none of this code.
        Forbidden: The caller may not read templates.
        AlreadyCommitted: The project is part of the portfolio, or over.
        NothingToTry: There is no task in its plan.
    """
    problems = [FieldProblem(pointer, code, words.into(unit.caller.language)) for pointer, code, words in _wrong(body)]
    if problems:
        raise InvalidPayload(count=len(problems), errors=problems)
    if body.project_id is not None:
        await _expect_project(unit, body.project_id)
    return None if body.template is None else await _edition(unit, body.template)


async def _expect_project(unit: UnitOfWork, id: UUID) -> None:
    project = await projects.find(unit, id)
    if project is None:
        told = _UNKNOWN_PROJECT.into(unit.caller.language)
        raise projects.UnknownProject(project_id=id, errors=[FieldProblem("/project_id", "unknown_project", told)])
    if project.status not in _TRIABLE:
        raise AlreadyCommitted(status=project.status.value)
    if not (await plans.whole_plan(unit.connection, project)).tasks:
        raise NothingToTry


async def _edition(unit: UnitOfWork, code: str) -> UUID:
    if not unit.caller.may("templates:read"):
        raise Forbidden(scope="templates:read")
    if ready_made.ready_made(code) is not None:
        raise NothingToTry
    template = await templates.find_published(unit, code)
    if template is None:
        told = _UNKNOWN_TEMPLATE.into(unit.caller.language)
        raise templates.UnknownTemplate(template=code, errors=[FieldProblem("/template", "unknown_template", told)])
    if not template.counts.tasks:
        raise NothingToTry
    return template.id


def _wrong(body: WhatIf) -> Iterator[tuple[str, str, Words]]:
    if sum((body.project_id is not None, body.template is not None, bool(body.demands))) != 1:
        yield "/project_id", "one_of", _ONE_OF
    if max(body.starts_on) - min(body.starts_on) > MOST_WEEKS * _WEEK:
        yield "/starts_on", "too_far_apart", _TOO_FAR


async def question_of(
    connection: Connection, caller: Caller, body: WhatIf, *, template_id: UUID | None, as_of: date
) -> Question:
    """All that a trial takes, as this transaction sees it; ``template_id`` is the edition to open a project from.

    Raises:
        NotFound: The project is not there any more.
        TemplateRefused: No project can be opened from the template.
        TooLargeToLevel: The projects that share people have too many tasks.
    """
    await standings.bring_up_to_date(connection)
    candidate, unassigned = await _candidate(connection, caller, body, template_id)
    if candidate is None:
        needed, length = await repository.skilled(connection, {one.skill for one in body.demands}), _length(body)
    else:
        needed = sorted(candidate.around.workers)
        length = await asyncio.to_thread(_duration, candidate.starting(body.starts_on[0]))
    last = max(body.starts_on[0] + (body.search_weeks + 1) * _WEEK, *body.starts_on) + min(2 * length, _LONGEST)
    first = min(body.starts_on)
    periods = capacity.Periods.touching(first, min(last, first + 2 * _LONGEST), capacity.Unit.WEEK)
    without = () if body.project_id is None else (body.project_id,)
    return Question(
        candidate=candidate,
        skills=_skills(body),
        starts=body.starts_on,
        search_weeks=body.search_weeks,
        priority=body.priority,
        peers=() if candidate is None else await _peers(connection, caller, candidate, as_of),
        there=await capacity.loads(connection, needed, periods, without=without),
        as_of=as_of,
        unassigned=unassigned,
    )


async def _candidate(
    connection: Connection, caller: Caller, body: WhatIf, template_id: UUID | None
) -> tuple[Member | None, Sequence[templates.PreviewUnassigned]]:
    """What is tried, and which of its tasks nobody was found for."""
    if body.project_id is not None:
        return await _member(connection, body.project_id, seen=True), ()
    if template_id is None:
        return None, ()
    sketch = await templates.sketch(connection, template_id, body.starts_on[0], language=caller.language)
    project = sketch.project
    member = Member(
        id=project.id,
        name=project.name,
        due_on=project.due_on,
        whole=sketch.whole,
        around=sketch.around,
        relative=sketch.relative,
    )
    return member, templates.told(sketch.unassigned)


async def _member(connection: Connection, id: UUID, *, seen: bool) -> Member:
    project = await projects.state_of(connection, id)
    whole = await plans.whole_plan(connection, project)
    around = await plans.around(connection, project.starts_on, whole.plan, whole.tasks.values())
    return Member(id=id, name=project.name if seen else None, due_on=project.due_on, whole=whole, around=around)


async def _peers(connection: Connection, caller: Caller, candidate: Member, as_of: date) -> list[Member]:
    rows = await repository.peers(connection, caller, candidate.around.workers, as_of, without=candidate.id)
    found: list[Member] = []
    count = len(candidate.whole.tasks)
    for row in rows:
        found.append(await _member(connection, row["id"], seen=row["seen"]))
        count += len(found[-1].whole.tasks)
        if count > MOST_TASKS:
            raise TooLargeToLevel(count=count, most=MOST_TASKS)
    return found


def _duration(member: Member) -> timedelta:
    found = schedules.reckoned(member.whole.plan, member.whole.tasks, member.around).schedule
    return datetime_of(found.finish) - datetime_of(found.start) + _WEEK


def _length(body: WhatIf) -> timedelta:
    return max(len(one.hours) for one in body.demands) * _WEEK


def _skills(body: WhatIf) -> dict[str, list[int]]:
    """Minutes by skill; what is said twice of a skill adds up."""
    found: dict[str, list[int]] = {}
    for one in body.demands:
        weeks = found.setdefault(one.skill, [])
        weeks += [0] * (len(one.hours) - len(weeks))
        for place, hours in enumerate(one.hours):
            weeks[place] += round(hours * 60)
    return found
