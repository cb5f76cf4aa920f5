"""What the services answer."""

from crm_contracts.base import DomainEvent
from crm_contracts.subject_access.v1 import AccessAnswerSnapshot
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.subject_access import service


async def on_access_answer(unit: UnitOfWork, event: DomainEvent[AccessAnswerSnapshot], _: Record) -> None:
    """Keep a page of what a service tells."""
    await service.take_in_answer(unit, event.state)
