"""A project's plan and risk register as a case: durations, costs and hazards of what is still to be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from uuid import UUID

from project_svc.plan.service import Surroundings, Task, WholePlan, network_of, priced, start_of
from project_svc.projects.service import Project
from project_svc.risk_simulations.schemas import Simulate
from project_svc.risks.service import Risk
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.simulation.case import Case, Correlation, Hazard
from project_svc.simulation.spreads import Spread

_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a simulation draws.

    Attributes:
        project: Whose plan it is.
        case: What is drawn.
        plan_revision: Of the plan.
        currency: Of its costs.
        tasks: How many tasks are still to be done.
        names: Of tasks and risks, by id.
    """

    project: Project
    case: Case
    plan_revision: int
    currency: str
    tasks: int
    names: Mapping[str, str]


def cast(
    project: Project,
    whole: WholePlan,
    around: Surroundings,
    risks: Sequence[tuple[Risk, Decimal]],
    asked: Simulate,
) -> Drawn:
    """The case of a project, with its risks and how likely each is; large plans take a while.

    Raises:
        OutOfCalendarError: There is no working time for its plan.
    """
    plan, tasks = whole.plan, whole.tasks.values()
    parents = {task.parent_id for task in tasks}
    leaves = [task for task in tasks if task.id not in parents]
    ahead = {str(task.id): task for task in leaves if task.actual_finish is None}
    durations = {id: spread for id, task in ahead.items() if (spread := _spread(task, asked)) is not None}
    network = network_of(plan, tasks, around)
    dates = scheduled(network, tolerant=True).dates
    costs = priced(leaves, around, dates, plan.currency, growing=True).costs
    hazards = [_hazard(risk, likelihood, ahead, plan.currency) for risk, likelihood in risks]
    budget = project.budget
    case = Case(
        plan=network,
        durations=durations,
        hazards=hazards,
        correlations=_correlations(asked, durations),
        costs=costs,
        spent=sum(float(costs[str(task.id)].per_hour) * (task.duration - task.left) / _HOUR for task in leaves),
        due=_due(project, start_of(plan, around)),
        budget=float(budget.amount) if budget is not None and budget.currency == plan.currency else None,
        iterations=asked.iterations,
        seed=asked.seed,
    )
    names = {str(task.id): task.name for task in tasks} | {str(risk.id): risk.title for risk, _ in risks}
    return Drawn(
        project=project,
        case=case,
        plan_revision=plan.version,
        currency=plan.currency,
        tasks=len(ahead),
        names=names,
    )


def _spread(task: Task, asked: Simulate) -> Spread | None:
    """How long what is left of a task may take; None if it is certain."""
    if not task.duration:
        return None
    share = task.left / task.duration
    if task.estimate is not None:
        one = task.estimate
        return Spread(one.optimistic, one.most_likely, one.pessimistic, asked.shape).scaled(share)
    if not asked.spread_percent:
        return None
    less = asked.spread_percent / 100
    return Spread((1 - less) * task.duration, task.duration, (1 + 2 * less) * task.duration, asked.shape).scaled(share)


def _hazard(risk: Risk, likelihood: Decimal, ahead: Mapping[str, Task], currency: str) -> Hazard:
    delay, cost = risk.delay_impact, risk.cost_impact
    return Hazard(
        id=str(risk.id),
        probability=float(likelihood),
        tasks=tuple(dict.fromkeys(str(id) for id in risk.task_ids if str(id) in ahead)),
        delay=None if delay is None else Spread(delay.low, delay.likely, delay.high),
        cost=None
        if cost is None or cost.currency != currency
        else Spread(float(cost.low), float(cost.likely), float(cost.high)),
    )


def _correlations(asked: Simulate, durations: Iterable[str]) -> list[Correlation]:
    uncertain = tuple(durations)
    general = [Correlation(uncertain, asked.task_correlation)] if asked.task_correlation and len(uncertain) > 1 else []
    return general + [Correlation(_ids(one.between), one.coefficient) for one in asked.correlations]


def _ids(ids: Iterable[UUID]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(id) for id in ids))


def _due(project: Project, start: int) -> int:
    """The end of the due date, by the same clock by which the plan starts at midnight."""
    midnight = moment_of(datetime.combine(project.starts_on, time(), UTC))
    return start + moment_of(datetime.combine(project.due_on, time(), UTC)) - midnight + 24 * _HOUR
