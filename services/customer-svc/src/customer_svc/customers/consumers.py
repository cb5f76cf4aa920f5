"""What other services tell about customers."""

from crm_contracts.sales.v1 import OpportunityWon
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.customers import service


async def on_opportunity_won(unit: UnitOfWork, event: OpportunityWon, _: Record) -> None:
    """Whoever buys is an active customer."""
    if event.state.customer_id is not None:
        await service.activate_buyer(unit, event.state.customer_id)
