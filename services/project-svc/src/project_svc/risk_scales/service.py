"""Use cases of the scale; those of risks that are judged by it are the business of the slice `risks`."""

from crm_contracts.risk.v1 import RiskScaleDefined, RiskScaleUpdated
from crm_platform.reads import Reader
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.risk_scales import repository
from project_svc.risk_scales.domain import READY_MADE, RiskScale
from project_svc.risk_scales.models import RISK_SCALES
from project_svc.risk_scales.repository import level, steps
from project_svc.risk_scales.schemas import RiskScaleDefinition, RiskScaleRead

__all__ = ["RiskScale", "RiskScaleDefinition", "RiskScaleRead", "define", "in_force", "level", "shown", "steps", "told"]


async def in_force(unit: UnitOfWork) -> RiskScale:
    """The scale by which risks are judged, held until the end of the transaction."""
    await repository.hold(unit.connection)
    return await repository.find(unit.connection) or READY_MADE


async def shown(reader: Reader) -> RiskScale:
    """The scale, to be looked at."""
    async with reader.open() as connection:
        return await repository.find(connection) or READY_MADE


async def define(unit: UnitOfWork, body: RiskScaleDefinition) -> RiskScale:
    """Put a scale in the place of the one there is; whoever judges by that one has ended."""
    await repository.release(unit.connection)
    values = {
        "probabilities": tuple(step.told() for step in body.probabilities),
        "impacts": tuple(step.told() for step in body.impacts),
        **body.model_dump(include={"medium_from", "high_from", "critical_from"}),
    }
    id = unit.caller.tenant_id
    if await repository.find(unit.connection) is None:
        await unit.insert(RISK_SCALES, RiskScale(id=id, **values), RiskScaleDefined)
    else:
        before = await unit.load(RISK_SCALES, id, if_match=ANY_VERSION)
        await unit.update(RISK_SCALES, before, before.with_(**values), RiskScaleUpdated)
    return await unit.load(RISK_SCALES, id, if_match=ANY_VERSION)


def told(scale: RiskScale) -> bytes:
    """A scale as clients get it."""
    return RiskScaleRead.model_validate(scale, from_attributes=True).model_dump_json().encode()
