"""What ends the addresses of calendars: their owner may see other things than before, or nothing."""

from crm_contracts.identity.v1 import UserUpdated
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from project_svc.work_feeds.service import FEEDS

_RIGHTS = frozenset({"active", "roles", "team_id"})


async def on_user_updated(unit: UnitOfWork, event: UserUpdated, _: Record) -> None:
    """Withdraw the addresses of somebody whose rights have changed: who still may, makes another one."""
    if _RIGHTS.intersection(event.changed) or not event.state.active:
        await FEEDS.revoke_of(unit, event.state.id, reason="what the owner may see has changed")
