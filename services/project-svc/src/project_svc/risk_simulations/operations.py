"""Simulations are drawn by a worker, in a process of their own."""

from dataclasses import dataclass

from crm_platform.operations.errors import RequesterGone
from crm_platform.operations.kinds import Ahead, Done, More, Next, OperationKind, Step
from crm_platform.reads import Reader
from crm_platform.words import Words
from project_svc.risk_simulations import service
from project_svc.risk_simulations.casting.of_project import Drawn
from project_svc.risk_simulations.errors import SimulationBeyondCalendar
from project_svc.risk_simulations.schemas import Simulate
from project_svc.scheduling.calendars.worktime import OutOfCalendarError
from project_svc.simulation.case import CaseError
from project_svc.simulation.simulate import Simulation, simulate


@dataclass(frozen=True, slots=True)
class _Found:
    drawn: Drawn
    simulation: Simulation


async def _draw(ahead: Ahead[Simulate]) -> _Found | None:
    """Draw all iterations, but in the first step, which shows how many there will be.

    Equal input has equal results, so that it may be done again.
    """
    if ahead.cursor is None:
        return None
    if ahead.caller is None:
        raise RequesterGone
    try:
        drawn = await service.to_draw(Reader(ahead.database, ahead.caller), ahead.input)
        return _Found(drawn, await _simulated(ahead, drawn))
    except OutOfCalendarError as error:
        raise SimulationBeyondCalendar from error


async def _simulated(ahead: Ahead[Simulate], drawn: Drawn) -> Simulation:
    try:
        return await ahead.compute(simulate, drawn.case, ahead.gauge.teller(ahead.input.iterations))
    except CaseError as error:
        raise service.refusal_of(error, drawn) from error


async def _keep(step: Step[Simulate]) -> Next:
    found: _Found | None = step.prepared
    step.progress.total = step.input.iterations
    if found is None:
        return More("draw")
    kept = await service.keep(step.unit, step.id, found.drawn, found.simulation, step.input)
    step.progress.count("drawn", step.input.iterations)
    return Done({"simulation_id": str(kept.id), "finish_p80": kept.finish_p80.isoformat()})


SIMULATION = OperationKind(
    name="risks.simulate",
    title=Words("Monte-Carlo simulation of a project", "项目蒙特卡洛模拟"),
    input=Simulate,
    step=_keep,
    prepare=_draw,
    unit="iterations",
)
