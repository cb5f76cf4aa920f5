"""What changes the rights of people."""

from crm_contracts.identity.v1 import UserUpdated
from crm_platform.events.wire import Record
from crm_platform.uow import UnitOfWork
from customer_svc.requesters import service

_RIGHTS = frozenset({"active", "roles", "team_id"})


async def on_rights_changed(unit: UnitOfWork, event: UserUpdated, _: Record) -> None:
    """Put down that somebody may do other things from now on, or nothing."""
    if _RIGHTS.intersection(event.changed) or not event.state.active:
        await service.note_change(unit, event.state.id, active=event.state.active, at=event.state.updated_at)
