"""What customer-svc tells about requirements."""

from crm_contracts.requirement.v1 import RequirementHandedOver, RequirementRejected
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from project_svc.requirement_intake import service


async def on_requirement_handed_over(unit: UnitOfWork, event: RequirementHandedOver, _: Record) -> None:
    """Plan the requirement, or say why not."""
    await service.take_in(unit, event.state)


async def on_requirement_rejected(unit: UnitOfWork, event: RequirementRejected, _: Record) -> None:
    """Give up what was planned for it."""
    await service.withdraw(unit, event.state)
