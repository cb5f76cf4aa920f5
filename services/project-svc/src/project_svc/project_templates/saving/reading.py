"""A whole project as the content of a template."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from crm_contracts.outcome.v1 import OutcomeStatus
from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.http.fields import STORED
from crm_platform.uow import UnitOfWork
from project_svc.deliveries import service as deliveries
from project_svc.delivery_schedules import service as delivery_schedules
from project_svc.monitors import service as monitors
from project_svc.outcomes import service as outcomes
from project_svc.plan import service as plans
from project_svc.project_templates.content.days import Days, Distance
from project_svc.project_templates.content.parts import (
    Charter,
    TemplateContent,
    TemplateMonitor,
    TemplateOutcome,
    TemplateRecurring,
    TemplateRisk,
)
from project_svc.project_templates.opening.places import placed
from project_svc.project_templates.saving.planning import keys_of, tasks_of
from project_svc.projects import service as projects
from project_svc.quality_gates import service as quality_gates
from project_svc.risks import service as risks

Count = Callable[[date], Distance]
"""How a day is counted from the start."""


async def content_of(unit: UnitOfWork, project: projects.Project) -> TemplateContent:
    """What a project is made of, without what became of it: no progress, no decisions, nobody's name.

    Left out are deliverables that were given up or that a schedule has planned, risks that a rule has raised, and
    outcomes that were dropped.

    Raises:
        TemplateRefused: It is more than a template holds; the error names the place.
    """
    connection = unit.connection
    whole = await plans.whole_plan(connection, project)
    around = await plans.around(connection, project.starts_on, whole.plan, whole.tasks.values())
    keys = keys_of(whole.tasks.values())
    days = Days(project.starts_on, around.rules(whole.plan.calendar_id))
    recurring = await delivery_schedules.of_project(connection, project.id)
    threats = [one for one in await risks.of_project(connection, project.id) if one.rule_id is None]
    delivered = [
        one
        for one in await deliveries.of_project(connection, project.id)
        if one.status is not DeliveryStatus.CANCELLED and one.schedule_id is None
    ]
    names = {one.id: f"d{number}" for number, one in enumerate(delivered, 1)}
    indicators = await outcomes.of_project(connection, project.id)
    content = {
        "charter": _members(project, Charter, days.distance),
        "plan": {
            "calendar_id": whole.plan.calendar_id,
            "currency": whole.plan.currency if whole.plan.version else None,
            "tasks": await asyncio.to_thread(tasks_of, whole.tasks, keys, around.resources, days),
        },
        "deliverables": [_deliverable(one, names, days) for one in _wholes_first(delivered)],
        "recurring_deliverables": [_members(one, TemplateRecurring, days.plain_distance) for one in recurring],
        "risks": [_risk(one, keys, days) for one in threats],
        "quality_gates": [
            _gate(one, keys, names, days) for one in await quality_gates.of_project(connection, project.id)
        ],
        "outcomes": [
            _members(one, TemplateOutcome, days.plain_distance)
            for one in indicators
            if one.status is not OutcomeStatus.DROPPED
        ],
        "monitors": [
            _members(one, TemplateMonitor, days.distance) for one in await monitors.of_project(connection, project.id)
        ],
    }
    with placed("/content", unit.caller.language):
        return await asyncio.to_thread(TemplateContent.model_validate, content, context=STORED)


def _members(state: Any, part: type[BaseModel], count: Count, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """Members of a record that a part of a template has too, with days counted from the start."""
    names = part.model_fields.keys() - set(without)
    return {name: _relative(getattr(state, name), count) for name in names}


def _relative(value: Any, count: Count) -> Any:
    if isinstance(value, date):
        return count(value)._asdict()
    if isinstance(value, tuple):
        return [_relative(one, count) for one in value]
    return value.model_dump() if isinstance(value, BaseModel) else value


def _wholes_first(delivered: list[deliveries.Delivery]) -> list[deliveries.Delivery]:
    """Deliverables behind those of which they are parts, each kind in its order."""
    return sorted(delivered, key=lambda one: one.part_of is not None)


def _deliverable(one: deliveries.Delivery, names: Mapping[UUID, str], days: Days) -> dict[str, Any]:
    return {
        "key": names[one.id],
        "name": one.name,
        "acceptance_criteria": one.acceptance_criteria,
        "due_on": _relative(one.due_on, days.distance),
        "deemed_acceptance": one.deemed_acceptance,
        "part_of": names.get(one.part_of) if one.part_of else None,
    }


_OTHERWISE = ("tasks", "actions")


def _risk(one: risks.Risk, keys: Mapping[UUID, str], days: Days) -> dict[str, Any]:
    return {
        **_members(one, TemplateRisk, days.distance, without=_OTHERWISE),
        "tasks": [keys[id] for id in one.task_ids if id in keys],
        "actions": [
            {"title": action.title, "cost": action.cost, "due_on": _relative(action.due_on, days.distance)}
            for action in one.actions
        ],
    }


def _gate(
    one: quality_gates.QualityGate, keys: Mapping[UUID, str], names: Mapping[UUID, str], days: Days
) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "mandatory": one.mandatory,
        "planned_on": _relative(one.planned_on, days.distance),
        "task": keys.get(one.task_id) if one.task_id else None,
        "deliverable": names.get(one.delivery_id) if one.delivery_id else None,
        "checklist": [{"text": item.text, "mandatory": item.mandatory} for item in one.checklist],
    }
