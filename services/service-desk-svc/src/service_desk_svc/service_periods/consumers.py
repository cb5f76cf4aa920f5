"""Events that begin or lengthen after-sales service."""

from crm_contracts.project.v1 import DeliveryCompleted
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from service_desk_svc.service_periods import service


async def on_delivery_completed(unit: UnitOfWork, event: DeliveryCompleted, _: Record) -> None:
    """Serve the customer from now on."""
    await service.serve_after(unit, event.state)
