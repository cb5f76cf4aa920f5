"""Use cases of corrective actions; endpoints, timers and other slices call the same functions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from crm_contracts.base import DomainEvent
from crm_contracts.control.v1 import (
    ActionSource,
    CorrectiveActionCancelled,
    CorrectiveActionDone,
    CorrectiveActionOverdue,
    CorrectiveActionRaised,
    CorrectiveActionStarted,
    CorrectiveActionUpdated,
    CorrectiveActionVerified,
)
from crm_platform.companies import today_of, zone_of
from crm_platform.days import end_of
from crm_platform.errors import FieldProblem, InvalidPayload
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.operations.kinds import Done, Later, Next, OperationKind, Step
from crm_platform.operations.timers import Timer, drop_timers, set_timers
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from project_svc.corrective_actions import repository
from project_svc.corrective_actions.domain import UNDONE, CorrectiveAction, Wanted
from project_svc.corrective_actions.models import CORRECTIVE_ACTIONS
from project_svc.corrective_actions.schemas import CorrectiveActionCreate, CorrectiveActionUpdate
from project_svc.documents import service as documents
from project_svc.projects import service as projects

__all__ = [
    "OVERDUE",
    "ActionSource",
    "Wanted",
    "count_conditions",
    "move_action",
    "raise_action",
    "raise_actions",
    "update_action",
]

_EVENTS: Mapping[str, type[DomainEvent[Any]]] = {
    "start": CorrectiveActionStarted,
    "finish": CorrectiveActionDone,
    "verify": CorrectiveActionVerified,
    "cancel": CorrectiveActionCancelled,
}
"""What is told of each action of the life cycle."""


class Due(BaseModel):
    """Which action is overdue unless it is done."""

    action_id: UUID


async def _run_overdue(step: Step[Due]) -> Next:
    later = await call_overdue(step.unit, step.input.action_id)
    return Done() if later is None else Later(later)


OVERDUE = OperationKind(
    name="corrective-actions.overdue",
    title=Words("Overdue action", "措施逾期提醒"),
    input=Due,
    step=_run_overdue,
    as_system=True,
)


async def raise_action(unit: UnitOfWork, body: CorrectiveActionCreate) -> Rendered:
    """Enter an action of a project.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
        InvalidPayload: It follows from something that the project does not have.
    """
    project = await projects.expect_open(unit, body.project_id)
    await _check_source(unit, project.id, body.source, body.source_id)
    given = {name: value for name, value in body if name not in {"project_id", "owner_id"}}
    owner_id = body.owner_id or project.owner_id
    action = _action(project, Wanted(id=new_id(), owner_id=owner_id, **given)).judged(await today_of(unit))
    rendered = await unit.insert(CORRECTIVE_ACTIONS, action, CorrectiveActionRaised)
    await _watch(unit, [action])
    return rendered


async def _check_source(unit: UnitOfWork, project_id: UUID, source: ActionSource, id: UUID | None) -> None:
    if id is not None and not await repository.has(unit.connection, project_id, source, id):
        problem = FieldProblem("/source_id", "unknown_source", _NO_SOURCE.into(unit.caller.language))
        raise InvalidPayload(count=1, errors=[problem])


_NO_SOURCE = Words(
    "Input should be the id of a record of the project, of the kind that `source` names",
    "应为该项目中由“source”指明类别的记录 ID",
)


async def raise_actions(unit: UnitOfWork, project: projects.Project, wanted: Sequence[Wanted]) -> None:
    """Enter several actions of a project that the caller has locked."""
    if not wanted:
        return
    today = await today_of(unit)
    actions = [_action(project, one).judged(today) for one in wanted]
    await unit.insert_many(CORRECTIVE_ACTIONS, actions, CorrectiveActionRaised)
    await _watch(unit, actions)


async def update_action(unit: UnitOfWork, id: UUID, body: CorrectiveActionUpdate, *, if_match: object) -> Rendered:
    """Change what an action is, who sees to it, or until when; its documents go with it.

    Raises:
        ActionSettled: Nothing is left to do about it.
    """
    before = await unit.load(CORRECTIVE_ACTIONS, id, if_match=if_match)
    after = before.changed(changes_of(body), today=await today_of(unit))
    rendered = await unit.update(CORRECTIVE_ACTIONS, before, after, CorrectiveActionUpdated)
    if after.owner_id != before.owner_id:
        await documents.follow(unit, after)
    if after.due_on != before.due_on:
        await _watch(unit, [after])
    return rendered


async def move_action(unit: UnitOfWork, id: UUID, action: str, *, if_match: object, reason: str | None) -> Rendered:
    """Take a step: ``start``, ``finish``, ``verify`` or ``cancel``.

    Raises:
        InvalidTransition: Not possible in the present state.
    """
    before = await unit.load(CORRECTIVE_ACTIONS, id, if_match=if_match)
    after = before.move(action, at=unit.now, today=await today_of(unit), by=unit.caller.actor)
    rendered = await unit.update(CORRECTIVE_ACTIONS, before, after, _EVENTS[action], reason=reason)
    await _watch(unit, [after])
    return rendered


async def call_overdue(unit: UnitOfWork, id: UUID) -> datetime | None:
    """Say of an action that it is overdue, if it is and nobody has said so.

    Returns when to look again, where its day is not over: the company's time zone was another when the timer was set.
    """
    before = await unit.find(CORRECTIVE_ACTIONS, id)
    if before is None or before.overdue or before.status not in UNDONE:
        return None
    after = before.judged(await today_of(unit))
    if not after.overdue:
        return end_of(before.due_on, await zone_of(unit.connection))
    await unit.update(CORRECTIVE_ACTIONS, before, after, CorrectiveActionOverdue)
    return None


async def count_conditions(unit: UnitOfWork, project_id: UUID) -> int:
    """How many conditions of a project's quality gates are not settled."""
    return await repository.count_conditions(unit.connection, project_id)


async def _watch(unit: UnitOfWork, actions: Sequence[CorrectiveAction]) -> None:
    """Have timers say when actions become overdue that are not done."""
    undone = [action for action in actions if action.status in UNDONE and not action.overdue]
    gone = [str(action.id) for action in actions if action not in undone]
    if gone:
        await drop_timers(unit, OVERDUE, gone)
    if undone:
        zone = await zone_of(unit.connection)
        timers = [Timer(str(one.id), end_of(one.due_on, zone), Due(action_id=one.id)) for one in undone]
        await set_timers(unit, OVERDUE, timers)


def _action(project: projects.Project, wanted: Wanted) -> CorrectiveAction:
    """An action of ``project`` that belongs to who sees to it, in the project's team."""
    return CorrectiveAction(
        id=wanted.id,
        owner_id=wanted.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        kind=wanted.kind,
        title=wanted.title,
        description=wanted.description,
        source=wanted.source,
        source_id=wanted.source_id,
        due_on=wanted.due_on,
    )
