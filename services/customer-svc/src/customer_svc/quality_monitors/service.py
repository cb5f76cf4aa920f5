"""Use cases of the monitors."""

from uuid import UUID

import asyncpg

from crm_contracts.quality.v1 import (
    DataQualityDegraded,
    DataQualityRecovered,
    QualityMonitorCreated,
    QualityMonitorDeleted,
    QualityMonitorUpdated,
)
from crm_platform.errors import AlreadyExists
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from customer_svc.quality_days import service as quality_days
from customer_svc.quality_monitors import repository
from customer_svc.quality_monitors.domain import NOUN, QualityMonitor
from customer_svc.quality_monitors.models import QUALITY_MONITORS
from customer_svc.quality_monitors.schemas import QualityMonitorCreate, QualityMonitorUpdate
from customer_svc.values.problems import unacceptable
from customer_svc.values.refused import AllRefused


async def create_monitor(unit: UnitOfWork, body: QualityMonitorCreate) -> Rendered:
    """Set up a monitor; it is not degraded until it has seen an average below its limit.

    Raises:
        InvalidPayload: Its members do not fit each other.
        AlreadyExists: Another monitor has this name.
    """
    monitor = _checked(unit, QualityMonitor(id=new_id(), **dict(body)))
    try:
        return await unit.insert(QUALITY_MONITORS, monitor, QualityMonitorCreated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def update_monitor(unit: UnitOfWork, id: UUID, body: QualityMonitorUpdate, *, if_match: object) -> Rendered:
    """Change a monitor; what that comes to is told when it looks next.

    Raises:
        NotFound: No such monitor.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
        InvalidPayload: Its members do not fit each other.
        AlreadyExists: Another monitor has this name.
    """
    before = await unit.load(QUALITY_MONITORS, id, if_match=if_match)
    after = _checked(unit, before.with_(**changes_of(body)))
    try:
        return await unit.update(QUALITY_MONITORS, before, after, QualityMonitorUpdated)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyExists(what=NOUN, field="name") from error


async def delete_monitor(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a monitor.

    Raises:
        NotFound: No such monitor.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
    """
    before = await unit.load(QUALITY_MONITORS, id, if_match=if_match)
    await unit.delete(QUALITY_MONITORS, before, QualityMonitorDeleted)


async def watch(unit: UnitOfWork) -> int:
    """Let every monitor see the average scores of this moment; returns how many that has turned round."""
    monitors = await unit.find_many(QUALITY_MONITORS, await repository.ids(unit.connection))
    if not monitors:
        return 0
    seen = {(one.dimension, one.key): one for one in await quality_days.figures(unit)}
    pairs = [(one, _watched(unit, one, seen.get((one.dimension, one.key)))) for one in monitors.values()]
    turned = 0
    for event, degraded in ((DataQualityDegraded, True), (DataQualityRecovered, False)):
        wanted = [pair for pair in pairs if pair[1] is not pair[0] and pair[1].degraded is degraded]
        turned += len(await unit.update_many(QUALITY_MONITORS, wanted, event))
    return turned


def _watched(unit: UnitOfWork, monitor: QualityMonitor, found: quality_days.Figures | None) -> QualityMonitor:
    return monitor if found is None else monitor.watched(found.average, found.records, unit.now)


def _checked(unit: UnitOfWork, monitor: QualityMonitor) -> QualityMonitor:
    try:
        return monitor.checked()
    except AllRefused as refused:
        raise unacceptable(refused, unit.caller.language) from refused
