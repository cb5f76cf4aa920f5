"""What the ERP system tells us of costs."""

from crm_contracts.inbound.v1 import ErpCostRecorded
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from project_svc.costs import service


async def on_cost_recorded(unit: UnitOfWork, message: ErpCostRecorded, _: Record) -> None:
    """Money was spent on a project."""
    await service.take_in(unit, message)
