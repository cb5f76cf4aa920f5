"""What the OA system tells about communications, and what follows from their rules."""

from crm_contracts.communication.v1 import CommunicationRuleEvent
from crm_contracts.inbound.v1 import OaCommunicationRecorded, OaMeetingHeld
from crm_platform.events.wire import Record
from crm_platform.operations.begin import begin
from crm_platform.operations.kinds import NoInput
from crm_platform.uow import UnitOfWork
from customer_svc.communications import service
from customer_svc.communications.operations import SETTLING


async def on_meeting_held(unit: UnitOfWork, message: OaMeetingHeld, _: Record) -> None:
    """Put a meeting on the customer's record."""
    await service.take_in_meeting(unit, message)


async def on_communication_recorded(unit: UnitOfWork, message: OaCommunicationRecorded, _: Record) -> None:
    """Put a communication on the customer's record."""
    await service.take_in_communication(unit, message)


async def on_rule(unit: UnitOfWork, event: CommunicationRuleEvent, _: Record) -> None:
    """Let the communications that are there already follow a rule, once for each change of one."""
    await begin(unit, SETTLING, NoInput(), key=f"{event.state.id}/{event.state.version}")
