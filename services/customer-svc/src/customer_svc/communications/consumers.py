"""What the OA system tells about communications."""

from crm_contracts.inbound.v1 import OaCommunicationRecorded, OaMeetingHeld
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.communications import service


async def on_meeting_held(unit: UnitOfWork, message: OaMeetingHeld, _: Record) -> None:
    """Put a meeting on the customer's record."""
    await service.take_in_meeting(unit, message)


async def on_communication_recorded(unit: UnitOfWork, message: OaCommunicationRecorded, _: Record) -> None:
    """Put a communication on the customer's record."""
    await service.take_in_communication(unit, message)
