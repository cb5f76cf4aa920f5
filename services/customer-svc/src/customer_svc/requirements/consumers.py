"""What project-svc tells about requirements that were handed over."""

from crm_contracts.project.v1 import DeliveryEvent, RequirementIntakeRefused
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.requirements import service


async def on_delivery(unit: UnitOfWork, event: DeliveryEvent, _: Record) -> None:
    """Let a requirement follow the deliverable that fulfils it."""
    await service.follow_delivery(unit, event.state)


async def on_requirement_refused(unit: UnitOfWork, event: RequirementIntakeRefused, _: Record) -> None:
    """Take back a requirement that cannot be planned."""
    await service.take_refusal(unit, event.state)
