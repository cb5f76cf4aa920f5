"""What the ERP system tells about customers."""

from crm_contracts.inbound.v1 import ErpCustomerChanged
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.sync import service


async def on_customer_changed(unit: UnitOfWork, message: ErpCustomerChanged, _: Record) -> None:
    """Take in a change of the ERP system."""
    await service.take_in_customer(unit, message)
