"""What the OA system tells about communications."""

from crm_contracts.inbound.v1 import OaMeetingHeld
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.communications import service


async def on_meeting_held(unit: UnitOfWork, message: OaMeetingHeld, _: Record) -> None:
    """Put a meeting on the customer's record."""
    await service.take_in_meeting(unit, message)
