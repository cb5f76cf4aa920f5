"""The plan of a template as that of a project: with dates, and people in the place of skills."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from crm_contracts.plan.v1 import ResourceKind
from crm_platform.companies import zone_of
from crm_platform.db import Connection
from project_svc.plan import service as plans
from project_svc.project_templates.content.days import Days
from project_svc.project_templates.content.parts import TemplateContent, TemplatePlan
from project_svc.project_templates.opening.people import People
from project_svc.project_templates.opening.places import placed
from project_svc.project_templates.opening.planning import Planning, Unassigned
from project_svc.project_templates.opening.relative import Relative
from project_svc.projects import service as projects
from project_svc.resources import service as resources
from project_svc.scheduling.calendars.rules import Rules
from project_svc.work_calendars import service as work_calendars


class Drafted(NamedTuple):
    """The edit that gives a project the plan of a template, and what nobody was found for."""

    edit: plans.PlanEdit
    unassigned: Sequence[Unassigned]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What a project of a template has for a plan, without anything of it being kept.

    Attributes:
        project: It.
        whole: Its plan.
        around: What that refers to.
        schedule: Its dates.
        keys: Ids of its tasks by the keys of the template.
        unassigned: What nobody was found for.
        relative: How it moves with the first day.
    """

    project: projects.Project
    whole: plans.WholePlan
    around: plans.Surroundings
    schedule: plans.Schedule
    keys: Mapping[str, UUID]
    unassigned: Sequence[Unassigned]
    relative: Relative


async def rules_of(connection: Connection, plan: TemplatePlan) -> Rules:
    """The rules of the calendar of a template's plan; without one, five days of eight hours where the company is.

    A calendar that is not there is none here: the edit of the plan refuses it.
    """
    found = await work_calendars.find_many(connection, [plan.calendar_id] if plan.calendar_id else [])
    known = next((one.rules() for one in found.values()), None)
    return known or Rules(zone=(await zone_of(connection)).key)


async def drafted(connection: Connection, plan: TemplatePlan, days: Days, language: str) -> Drafted:
    """The plan of a template for a project.

    Raises:
        TemplateRefused: No calendar reaches a date.
    """
    needs = [need for task in plan.tasks for need in task.needs]
    skilled = await resources.find_skilled(connection, {skill for need in needs for skill in need.skills})
    named = await resources.find_many(connection, [need.resource_id for need in needs if need.resource_id])
    usable = {id for id, one in named.items() if one.active and one.kind is not ResourceKind.PERSON}
    planning = Planning(days=days, people=People(skilled), usable=usable, language=language)
    edit = await asyncio.to_thread(planning.edit, plan)
    return Drafted(edit, planning.unassigned)


async def sketched(
    connection: Connection, project: projects.Project, content: TemplateContent, language: str
) -> Sketch:
    """The plan that a project would begin with.

    Raises:
        TemplateRefused: It cannot be so.
    """
    plan, rules = content.plan, await rules_of(connection, content.plan)
    draft = await drafted(connection, plan, Days(project.starts_on, rules), language)
    with placed("/content/plan", language):
        trial = await plans.tried(connection, project, draft.edit, language=language)
        edited, schedule = await asyncio.to_thread(trial.done)
    return Sketch(
        project=project,
        whole=plans.WholePlan(plan=trial.plan, tasks=edited.tasks),
        around=trial.around,
        schedule=schedule,
        keys=edited.keys,
        unassigned=draft.unassigned,
        relative=Relative.of(plan.tasks, edited.keys, rules=rules, due=content.charter.due_on),
    )
