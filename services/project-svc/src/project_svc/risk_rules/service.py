"""Use cases of rules, and holding them against the active projects."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from crm_contracts.risk.v1 import RiskRuleCreated, RiskRuleDeleted, RiskRuleUpdated
from crm_platform.cel import CelError, check, compile_program
from crm_platform.companies import today_of
from crm_platform.errors import AlreadyExists, FieldProblem, InvalidPayload
from crm_platform.http.fields import changes_of
from crm_platform.http.texts import Label
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.capacity import service as capacity
from project_svc.deliveries import service as deliveries
from project_svc.monitoring import service as monitoring
from project_svc.projects import service as projects
from project_svc.requirement_intake import service as requirement_intake
from project_svc.risk_rules import repository
from project_svc.risk_rules.domain import MAX_RULES, NOUN, Figures, RiskRule, judged
from project_svc.risk_rules.errors import TooManyRiskRules
from project_svc.risk_rules.models import FIELDS, PERFORMANCE, RISK_RULES
from project_svc.risk_rules.schemas import RiskRuleCreate, RiskRuleUpdate
from project_svc.risks import service as risks

_PORTION = 100
_LATELY = timedelta(days=30)


async def create_rule(unit: UnitOfWork, body: RiskRuleCreate) -> Rendered:
    """Define a rule; it counts from the next look at the projects on.

    Raises:
        InvalidPayload: The expression is none.
        AlreadyExists: Another rule has this code.
        TooManyRiskRules: There are as many as there can be.
    """
    _check(unit, body.expression)
    await repository.one_at_a_time(unit.connection)
    if await repository.count(unit.connection) >= MAX_RULES:
        raise TooManyRiskRules(limit=MAX_RULES)
    try:
        return await unit.insert(RISK_RULES, RiskRule(id=new_id(), **_told(body)), RiskRuleCreated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="code") from error


async def update_rule(unit: UnitOfWork, id: UUID, body: RiskRuleUpdate, *, if_match: object) -> Rendered:
    """Change a rule; risks that it has raised stay as they are.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: The rule has changed since.
        InvalidPayload: The expression is none.
    """
    before = await unit.load(RISK_RULES, id, if_match=if_match)
    after = before.with_(**_told(body))
    _check(unit, after.expression)
    return await unit.update(RISK_RULES, before, after, RiskRuleUpdated)


async def delete_rule(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a rule; the risks that it has raised stay.

    Raises:
        NotFound: No such rule.
        PreconditionRequired: No version was given.
        VersionMismatch: The rule has changed since.
    """
    await unit.delete(RISK_RULES, await unit.load(RISK_RULES, id, if_match=if_match), RiskRuleDeleted)


async def look_at_portion(unit: UnitOfWork, after: UUID) -> tuple[UUID | None, dict[str, int]]:
    """Hold the rules against some active projects, those behind ``after``.

    A rule has one open risk of a project at most: it raises another only once that one is closed. Where the rule is
    content again, closing is suggested, and not done: whether a risk is over is for people to say.

    Returns:
        The last of the projects (None if there are no more); how many there were, and what became of risks.
    """
    await repository.one_at_a_time(unit.connection)
    rules = {rule.id: rule for rule in await repository.enabled(unit.connection)}
    found = {one.id: one for one in await projects.lock_active(unit, after, _PORTION)} if rules else {}
    figures = await _figures(unit, list(found.values()))
    programs = {id: compile_program(rule.expression, FIELDS) for id, rule in rules.items()}
    bad = [
        (project, rule)
        for project, values in figures.items()
        for rule, program in programs.items()
        if program.evaluate(values, now=unit.now)
    ]
    known = await risks.find_of_rules(unit, list(found))
    verdict = judged(bad, rules, known)
    threats = [(found[project], _threat(rules[rule])) for project, rule in verdict.raised]
    await risks.raise_risks(unit, threats, causes=[unit.cause] * len(threats))
    over = await risks.suggest_closing(unit, [known[place] for place in verdict.over], suggested=True)
    await risks.suggest_closing(unit, [known[place] for place in verdict.back], suggested=False)
    last = list(found)[-1] if len(found) == _PORTION else None
    return last, {"looked_at": len(found), "raised": len(threats), "could_be_closed": over}


async def _figures(unit: UnitOfWork, those: Sequence[projects.Project]) -> dict[UUID, Figures]:
    """The named numbers of projects at this moment."""
    if not those:
        return {}
    day = await today_of(unit)
    late = await deliveries.count_late(unit.connection, day)
    handed_over = await requirement_intake.count_since(unit.connection, unit.now - _LATELY)
    totals = await risks.totals(unit.connection)
    ids = [project.id for project in those]
    measured = await monitoring.measures(unit.connection, ids, unit.now)
    over = await capacity.overloads(unit.connection, ids, day)
    found: dict[UUID, Figures] = {}
    for project in those:
        left = (project.due_on - day).days
        open_, overdue = late.get(project.id, (0, 0))
        number, exceeded, score = totals.get(project.id, (0, 0, 0))
        found[project.id] = {
            "project.days_overdue": max(-left, 0),
            "project.days_left": max(left, 0),
            "deliveries.open": open_,
            "deliveries.overdue": overdue,
            "requirements.handed_over_30d": handed_over.get(project.id, 0),
            "risks.open": number,
            "risks.exceeded": exceeded,
            "risks.score": score,
            "people.overloaded": over[project.id].people,
            "people.hours_over_capacity": over[project.id].hours,
            **_measured(measured[project.id]),
        }
    return found


def _measured(metrics: Mapping[str, Decimal]) -> dict[str, int | Decimal]:
    """What monitoring knows; an index that is not defined is not there."""
    found: dict[str, int | Decimal] = {f"performance.{name}": metrics[name] for name in PERFORMANCE if name in metrics}
    return found | {"issues.open": int(metrics["open_issues"]), "issues.critical": int(metrics["critical_issues"])}


def _threat(rule: RiskRule) -> risks.Threat:
    return risks.Threat(
        title=rule.risk_title,
        category=rule.category,
        probability=rule.probability,
        impact=rule.impact,
        rule_id=rule.id,
    )


def _check(unit: UnitOfWork, expression: str) -> None:
    try:
        check(expression, FIELDS)
    except CelError as error:
        problem = FieldProblem("/expression", error.code, error.words().into(unit.caller.language))
        raise InvalidPayload(count=1, errors=[problem]) from error


def _told(body: BaseModel) -> dict[str, Any]:
    sent = changes_of(body) if isinstance(body, RiskRuleUpdate) else dict(body)
    return {name: value.told() if isinstance(value, Label) else value for name, value in sent.items()}
