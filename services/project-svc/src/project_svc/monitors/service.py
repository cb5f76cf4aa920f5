"""Use cases of monitors."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import islice
from uuid import UUID

import asyncpg

from crm_contracts.execution.v1 import (
    MonitorAlerted,
    MonitorCreated,
    MonitorDeleted,
    MonitorRecovered,
    MonitorUpdated,
)
from crm_platform.companies import today_of
from crm_platform.errors import AlreadyExists, InvalidPayload
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.capacity import service as capacity
from project_svc.monitoring import service as monitoring
from project_svc.monitors import repository
from project_svc.monitors.domain import NOUN, Monitor
from project_svc.monitors.errors import MetricIsDerived
from project_svc.monitors.models import MONITORS
from project_svc.monitors.schemas import Measurement, MonitorCreate, MonitorFields, MonitorUpdate
from project_svc.projects import service as projects

__all__ = [
    "Monitor",
    "MonitorCreate",
    "MonitorFields",
    "create_monitor",
    "delete_monitor",
    "measure",
    "of_project",
    "update_monitor",
    "watch",
]

of_project = repository.of_project

_PORTION = 100
_OVERLOAD = frozenset({"people.overloaded", "people.hours_over_capacity"})
DERIVED = monitoring.DERIVED | _OVERLOAD
"""Metrics that are not for others to measure."""
_PLACES = Decimal("0.0001")


async def create_monitor(unit: UnitOfWork, body: MonitorCreate) -> Rendered:
    """Set up a monitor of a project; it is normal until it has measured.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
        InvalidPayload: Its thresholds are in the wrong order.
        AlreadyExists: The project has one of this name.
    """
    project = await projects.expect_open(unit, body.project_id)
    monitor = Monitor(id=new_id(), owner_id=project.owner_id, team_id=project.team_id, **dict(body))
    try:
        return await unit.insert(MONITORS, _checked(unit, monitor), MonitorCreated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def update_monitor(unit: UnitOfWork, id: UUID, body: MonitorUpdate, *, if_match: object) -> Rendered:
    """Change a monitor; what that comes to is told when it measures next.

    Raises:
        InvalidPayload: Its thresholds are in the wrong order.
        AlreadyExists: The project has another of this name.
    """
    before = await unit.load(MONITORS, id, if_match=if_match)
    after = _checked(unit, before.with_(**changes_of(body)))
    try:
        return await unit.update(MONITORS, before, after, MonitorUpdated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def delete_monitor(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a monitor; raises what `UnitOfWork.load` raises."""
    before = await unit.load(MONITORS, id, if_match=if_match)
    await unit.delete(MONITORS, before, MonitorDeleted)


async def measure(unit: UnitOfWork, id: UUID, body: Measurement) -> Rendered:
    """Take in what somebody has measured; a crossing of a threshold is told once.

    Raises:
        NotFound: No such monitor, or not for this caller.
        MetricIsDerived: It is not for others to measure.
    """
    before = await unit.load(MONITORS, id, if_match=ANY_VERSION)
    if before.metric in DERIVED:
        raise MetricIsDerived(metric=before.metric)
    after = before.measured(body.value, body.measured_at or unit.now)
    return await unit.update(MONITORS, before, after, _event(before, after))


async def watch(unit: UnitOfWork, done: int) -> tuple[int, int, bool]:
    """Let the next monitors of derived metrics measure, those after the first ``done``.

    Returns:
        How many it were, how many levels have changed, and whether there are more.
    """
    found = await repository.of_metrics(unit.connection, DERIVED)
    portion = list(islice(found, done, done + _PORTION))
    known = await unit.find_many(MONITORS, [id for id, _ in portion])
    measured = await _measured(unit, known.values())
    turned = 0
    for event in (MonitorAlerted, MonitorRecovered, MonitorUpdated):
        pairs = [pair for pair in _turns(unit, list(known.values()), measured) if _event(*pair) is event]
        turned += len(await unit.update_many(MONITORS, pairs, event))
    return len(portion), turned, done + len(portion) < len(found)


async def _measured(unit: UnitOfWork, known: Collection[Monitor]) -> dict[UUID, dict[str, Decimal]]:
    """The metrics of projects that are watched; the load of their people only where somebody watches that."""
    found = await monitoring.measures(unit.connection, sorted({one.project_id for one in known}), unit.now)
    loaded = sorted({one.project_id for one in known if one.metric in _OVERLOAD})
    over = await capacity.overloads(unit.connection, loaded, await today_of(unit)) if loaded else {}
    for id, one in over.items():
        found[id] |= {"people.overloaded": Decimal(one.people), "people.hours_over_capacity": one.hours}
    return found


def _turns(
    unit: UnitOfWork, known: Sequence[Monitor], measured: dict[UUID, dict[str, Decimal]]
) -> list[tuple[Monitor, Monitor]]:
    """Monitors that stand at another level than before, or have measured for the first time."""
    pairs = []
    for before in known:
        value = measured.get(before.project_id, {}).get(before.metric)
        if value is None:
            continue
        after = before.measured(value.quantize(_PLACES), unit.now)
        if after.level is not before.level or before.value is None:
            pairs.append((before, after))
    return pairs


def _event(before: Monitor, after: Monitor) -> type[MonitorAlerted | MonitorRecovered | MonitorUpdated]:
    if after.level is before.level:
        return MonitorUpdated
    return MonitorAlerted if after.worsened(before) else MonitorRecovered


def _checked(unit: UnitOfWork, monitor: Monitor) -> Monitor:
    problems = monitor.problems(unit.caller.language)
    if problems:
        raise InvalidPayload(count=len(problems), errors=problems)
    return monitor
