"""Use cases of simulations: what is drawn, and what came of it."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.risk.v1 import RiskSimulationCompleted
from crm_platform.reads import Reader
from crm_platform.uow import UnitOfWork
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.risk_scales import service as scales
from project_svc.risk_simulations import repository
from project_svc.risk_simulations.casting.of_project import Drawn, cast
from project_svc.risk_simulations.domain import RiskSimulation
from project_svc.risk_simulations.errors import (
    CorrelationsImpossible,
    NothingToSimulate,
    SimulationTooLarge,
    UnknownDriver,
)
from project_svc.risk_simulations.models import RISK_SIMULATIONS
from project_svc.risk_simulations.schemas import RiskSimulationDetails, Simulate
from project_svc.risks import service as risks
from project_svc.scheduling.calendars.worktime import OutOfCalendarError
from project_svc.scheduling.calendars.zones import datetime_of
from project_svc.simulation.case import MOST_CELLS, CaseError
from project_svc.simulation.report import report
from project_svc.simulation.simulate import Simulation, simulate

__all__ = ["OUTLOOK", "Simulation", "details", "keep", "moment", "outlook", "refusal_of", "to_draw"]

OUTLOOK = 1000
"""Iterations of an outlook."""
_AT_ONCE = 1000 * OUTLOOK

_FIGURES = {"p10": 10, "p50": 50, "p80": 80, "p90": 90}


async def to_draw(reader: Reader, asked: Simulate) -> Drawn:
    """What a simulation of a project draws at this moment.

    Raises:
        NotFound: No such project, or the caller may not see it.
        NothingToSimulate: It has nothing left to do.
        SimulationTooLarge: There are too many tasks for so many iterations.
        UnknownDriver: Something is to be correlated that is not uncertain.
        OutOfCalendarError: There is no working time for its plan.
    """
    project = await projects.read(reader, asked.project_id)
    scale = await scales.shown(reader)
    async with reader.open() as connection:
        whole = await plans.whole_plan(connection, project)
        around = await plans.around(connection, project.starts_on, whole.plan, whole.tasks.values())
        register = await risks.find_open(connection, project.id)
    threats = [(risk, risk.likelihood(scale)) for risk in register]
    drawn = await asyncio.to_thread(cast, project, whole, around, threats, asked)
    if not drawn.tasks:
        raise NothingToSimulate(project_id=project.id)
    count = len(drawn.case.plan.tasks)
    if count * asked.iterations > MOST_CELLS:
        raise SimulationTooLarge(tasks=count, iterations=asked.iterations, most=MOST_CELLS)
    known = {*drawn.case.durations, *(hazard.id for hazard in drawn.case.hazards)}
    unknown = [id for one in drawn.case.correlations for id in one.between if id not in known]
    if unknown:
        raise UnknownDriver(id=unknown[0])
    return drawn


async def outlook(
    unit: UnitOfWork, project: projects.Project, plan: plans.WholePlan, around: plans.Surroundings
) -> Simulation | None:
    """What a plan, kept or not, would come to with the risks that are open now; None where that takes too long.

    Equal plans have equal outlooks; correlations are not drawn, as nobody has said any.
    """
    scale = await scales.in_force(unit)
    register = await risks.find_open(unit.connection, project.id)
    asked = Simulate(project_id=project.id, iterations=OUTLOOK)
    threats = [(risk, risk.likelihood(scale)) for risk in register]
    try:
        drawn = await asyncio.to_thread(cast, project, plan, around, threats, asked)
        if not drawn.tasks or len(drawn.case.plan.tasks) * OUTLOOK > _AT_ONCE:
            return None
        return await asyncio.to_thread(simulate, drawn.case)
    except OutOfCalendarError:
        return None


async def keep(unit: UnitOfWork, id: UUID, drawn: Drawn, found: Simulation, asked: Simulate) -> RiskSimulation:
    """Keep what a simulation came to; publishes `risk_simulation.completed`."""
    project = drawn.project
    simulation = RiskSimulation(
        id=id,
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        customer_id=project.customer_id,
        plan_revision=drawn.plan_revision,
        iterations=asked.iterations,
        seed=asked.seed,
        tasks=drawn.tasks,
        risks=len(drawn.case.hazards),
        **_figures(found, drawn.currency, asked.reserve_percentile),
    )
    await unit.insert(RISK_SIMULATIONS, simulation, RiskSimulationCompleted)
    await repository.keep_details(unit.connection, id, report(found, drawn.names))
    return simulation


async def details(reader: Reader, id: UUID) -> RiskSimulationDetails:
    """Curves, bars and tasks of a simulation.

    Raises:
        NotFound: No such simulation, or the caller may not see it.
    """
    await reader.get(RISK_SIMULATIONS.resource, id)
    async with reader.open() as connection:
        return RiskSimulationDetails.model_validate_json(await repository.details(connection, id))


def refusal_of(error: CaseError, drawn: Drawn) -> CorrelationsImpossible:
    """What to tell of a case that means nothing; of what people can say, that leaves correlations."""
    return CorrelationsImpossible(name=drawn.names.get(error.subject, error.subject))


def _figures(found: Simulation, currency: str, percentile: int) -> dict[str, Any]:
    finish, cost = found.finish, found.cost
    values: dict[str, Any] = {
        "planned_finish": datetime_of(round(finish.planned)),
        "finish_mean": datetime_of(round(finish.mean)),
        "planned_cost": _money(cost.planned, currency),
        "cost_mean": _money(cost.mean, currency),
        "reserve": _money(max(cost.percentile(percentile) - cost.planned, 0), currency),
        "reserve_percentile": percentile,
        "on_time_percent": _percent(found.on_time),
        "within_budget_percent": _percent(found.within_budget),
        "both_percent": _percent(found.both),
    }
    for name, percent in _FIGURES.items():
        values[f"finish_{name}"] = datetime_of(round(finish.percentile(percent)))
        values[f"cost_{name}"] = _money(cost.percentile(percent), currency)
    return values


def moment(minutes: float) -> datetime:
    """A moment of a simulation."""
    return datetime_of(round(minutes))


def _money(amount: float, currency: str) -> Money:
    return Money.model_validate({"amount": f"{amount:.2f}", "currency": currency})


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)
