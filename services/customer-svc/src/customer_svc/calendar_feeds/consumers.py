"""What ends calendar feeds: the end of their owner's account."""

from crm_contracts.identity.v1 import UserUpdated
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.calendar_feeds.service import FEEDS


async def on_user_updated(unit: UnitOfWork, event: UserUpdated, _: Record) -> None:
    """Withdraw the addresses of somebody who may not sign in any more."""
    if not event.state.active:
        await FEEDS.revoke_of(unit, event.state.id, reason="the account has ended")
