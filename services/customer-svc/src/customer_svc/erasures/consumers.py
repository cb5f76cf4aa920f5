"""What the services answer."""

from crm_contracts.base import DomainEvent
from crm_contracts.privacy.v1 import ErasureAnswerSnapshot
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.erasures import service


async def on_answer(unit: UnitOfWork, event: DomainEvent[ErasureAnswerSnapshot], _: Record) -> None:
    """Note the part of a service."""
    await service.take_in_answer(unit, event.state)
