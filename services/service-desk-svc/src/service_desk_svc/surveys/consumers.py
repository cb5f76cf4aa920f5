"""Events after which customers are asked."""

from crm_contracts.project.v1 import DeliveryCompleted
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from service_desk_svc.surveys import service


async def on_delivery_completed(unit: UnitOfWork, event: DeliveryCompleted, _: Record) -> None:
    """Ask the customer how satisfied they are."""
    await service.ask_about(unit, event.state)
