"""Use cases of risks; endpoints and other slices call the same functions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_contracts.project.v1 import (
    RiskAssessed,
    RiskClosed,
    RiskCloseSuggested,
    RiskRaised,
    RiskResponsePlanned,
    RiskThresholdExceeded,
)
from crm_contracts.risk.v1 import ResponseAction
from crm_platform.context import Cause
from crm_platform.db import Connection
from crm_platform.errors import FieldProblem, InvalidPayload
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from crm_platform.words import Words
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.risk_scales import service as scales
from project_svc.risks import repository
from project_svc.risks.domain import Risk, Threat
from project_svc.risks.errors import ScaleInUse
from project_svc.risks.models import RISKS
from project_svc.risks.repository import totals
from project_svc.risks.schemas import (
    Assessment,
    CostEstimate,
    DelayEstimate,
    Percent,
    PlannedAction,
    ResponsePlan,
    RiskClosing,
    RiskCreate,
    Step,
)

__all__ = [
    "Assessment",
    "CostEstimate",
    "DelayEstimate",
    "Percent",
    "ResponsePlan",
    "Risk",
    "RiskCreate",
    "Step",
    "Threat",
    "assess_risk",
    "close_risk",
    "count_open",
    "define_scale",
    "find_of_rules",
    "find_open",
    "grade_portion",
    "of_project",
    "plan_response",
    "raise_risk",
    "raise_risks",
    "suggest_closing",
    "totals",
]

of_project = repository.of_project

_PORTION = 200


async def raise_risk(unit: UnitOfWork, body: RiskCreate) -> Rendered:
    """Enter a risk of a project.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
        InvalidPayload: The company's scale has no such step, or the project's plan no such task.
    """
    project = await projects.expect_open(unit, body.project_id)
    scale = await scales.in_force(unit)
    _check_steps(unit, scale, probability=body.probability, impact=body.impact)
    await _check_tasks(unit, project.id, body.task_ids)
    steps = body.model_dump(include={"title", "category", "probability", "impact"})
    risk = _risk(project, **steps, **body.effects()).graded(scale)
    rendered = await unit.insert(RISKS, risk, RiskRaised)
    if not risk.evaluated().exceeded:
        return rendered
    raised = await unit.load(RISKS, risk.id, if_match=ANY_VERSION)
    return await unit.update(RISKS, raised, raised.evaluated(), RiskThresholdExceeded)


async def raise_risks(
    unit: UnitOfWork, threats: Sequence[tuple[projects.Project, Threat]], *, causes: Sequence[Cause]
) -> None:
    """Give new projects their risk registers.

    A risk is raised before it is held against the threshold, so one over it is told of twice: `risk.raised`,
    then `risk.threshold_exceeded`. Who listens to the second alone misses none.
    """
    if not threats:
        return
    scale = await scales.in_force(unit)
    risks = [_threatening(project, threat, scale) for project, threat in threats]
    raised = await unit.insert_many(RISKS, risks, RiskRaised, causes=causes)
    # Only what exceeds the threshold differs by the evaluation, and only what differs is written.
    evaluated = [(risk, risk.evaluated()) for risk in raised]
    await unit.update_many(RISKS, evaluated, RiskThresholdExceeded, causes=causes)


async def assess_risk(unit: UnitOfWork, id: UUID, body: Assessment, *, if_match: object) -> Rendered:
    """Judge a risk anew.

    Raises:
        InvalidTransition: It is closed.
        InvalidPayload: The company's scale has no such step, or the project's plan no such task.
    """
    before = await unit.load(RISKS, id, if_match=if_match)
    scale = await scales.in_force(unit)
    _check_steps(unit, scale, probability=body.probability, impact=body.impact)
    await _check_tasks(unit, before.project_id, body.task_ids)
    after = before.assessed(scale, **body.changes())
    event = RiskThresholdExceeded if after.alarms(before) else RiskAssessed
    return await unit.update(RISKS, before, after, event, reason=body.reason)


async def plan_response(unit: UnitOfWork, id: UUID, body: ResponsePlan, *, if_match: object) -> Rendered:
    """Say what is done about a risk, and what will be left of it.

    Raises:
        InvalidTransition: It is closed.
        InvalidPayload: The company's scale has no such step.
    """
    before = await unit.load(RISKS, id, if_match=if_match)
    scale = await scales.in_force(unit)
    left = {"residual_probability": body.residual_probability, "residual_impact": body.residual_impact}
    _check_steps(unit, scale, **left)
    changes: dict[str, Any] = {name: value for name, value in left.items() if name in body.model_fields_set}
    if "strategy" in body.model_fields_set:
        changes["strategy"] = body.strategy
    if "actions" in body.model_fields_set:
        changes["actions"] = tuple(_action(action) for action in body.actions)
    return await unit.update(RISKS, before, before.responded(scale, **changes), RiskResponsePlanned, reason=body.reason)


async def close_risk(unit: UnitOfWork, id: UUID, body: RiskClosing, *, if_match: object) -> Rendered:
    """Record that a risk is over.

    Raises:
        InvalidTransition: It was closed before.
    """
    before = await unit.load(RISKS, id, if_match=if_match)
    return await unit.update(RISKS, before, before.closed(struck=body.struck), RiskClosed, reason=body.reason)


async def count_open(unit: UnitOfWork, project_id: UUID) -> int:
    """How many risks of a project are not closed."""
    return await repository.count_open(unit.connection, project_id)


async def find_open(connection: Connection, project_id: UUID) -> list[Risk]:
    """The risks of a project that are not closed, in the order in which they were raised."""
    return [RISKS.spec.from_row(row) for row in await repository.open_of(connection, project_id)]


async def find_of_rules(unit: UnitOfWork, project_ids: Sequence[UUID]) -> list[Risk]:
    """The risks of projects that rules have raised and that are not closed; locked."""
    found = await unit.find_many(RISKS, await repository.of_rules(unit.connection, project_ids))
    return list(found.values())


async def suggest_closing(unit: UnitOfWork, risks: Sequence[Risk], *, suggested: bool) -> int:
    """Say of risks whose rules are content again that they could be closed, or take that back; returns how many."""
    pairs = [(risk, risk.with_(close_suggested=suggested)) for risk in risks]
    return len(await unit.update_many(RISKS, pairs, RiskCloseSuggested))


async def define_scale(unit: UnitOfWork, body: scales.RiskScaleDefinition) -> scales.RiskScale:
    """Judge by another scale from now on; levels of the risks that there are follow, see :func:`grade_portion`.

    Raises:
        ScaleInUse: Open risks stand at steps that it has not.
    """
    scale = await scales.define(unit, body)
    probability, impact = await repository.highest_steps(unit.connection)
    if probability > len(scale.probabilities) or impact > len(scale.impacts):
        raise ScaleInUse(probability=probability, impact=impact)
    return scale


async def grade_portion(unit: UnitOfWork, after: UUID) -> tuple[UUID | None, int, int]:
    """Grade some of the risks that are not closed, those behind ``after``, by the scale in force.

    Returns:
        The last of them (None if there are no more), how many there were, and how many of them changed.
    """
    scale = await scales.in_force(unit)
    ids = await repository.open_after(unit.connection, after, _PORTION)
    found = await unit.find_many(RISKS, ids)
    changed = await unit.update_many(RISKS, [(risk, risk.graded(scale)) for risk in found.values()], RiskAssessed)
    return ids[-1] if len(ids) == _PORTION else None, len(found), len(changed)


def _check_steps(unit: UnitOfWork, scale: scales.RiskScale, **steps: int | None) -> None:
    problems = []
    for name, step in steps.items():
        highest = len(scale.probabilities if name.endswith("probability") else scale.impacts)
        if step is not None and step > highest:
            problems.append(FieldProblem(f"/{name}", "not_on_scale", _no_step(highest).into(unit.caller.language)))
    if problems:
        raise InvalidPayload(count=len(problems), errors=problems)


async def _check_tasks(unit: UnitOfWork, project_id: UUID, task_ids: Sequence[UUID]) -> None:
    known = await plans.projects_of(unit.connection, task_ids)
    unknown = [place for place, id in enumerate(task_ids) if known.get(id) != project_id]
    if unknown:
        text = _NO_TASK.into(unit.caller.language)
        errors = [FieldProblem(f"/task_ids/{place}", "unknown_task", text) for place in unknown]
        raise InvalidPayload(count=len(errors), errors=errors)


_NO_TASK = Words(
    "Input should be a task of the project's plan, other than a summary", "应为该项目计划中的任务（不含摘要任务）"
)


def _no_step(highest: int) -> Words:
    return Words(
        f"Input should be a step of the company's scale, which has {highest}",
        f"应为本企业分级的级数，最多 {highest} 级",
    )


def _action(planned: PlannedAction) -> ResponseAction:
    return ResponseAction(**{**dict(planned), "id": planned.id or new_id()})


def _threatening(project: projects.Project, threat: Threat, scale: scales.RiskScale) -> Risk:
    probability, impact = scale.fitted(threat.probability, threat.impact)
    values = {"title": threat.title, "category": threat.category, "rule_id": threat.rule_id}
    return _risk(project, probability=probability, impact=impact, **values).graded(scale)


def _risk(project: projects.Project, **values: Any) -> Risk:
    """A risk of ``project``, seen by whom the project is seen, not held against the threshold yet."""
    return Risk(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        customer_id=project.customer_id,
        threshold=project.risk_threshold,
        **values,
    )
