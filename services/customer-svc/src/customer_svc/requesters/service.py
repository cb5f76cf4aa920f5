"""Use cases of requesters."""

from datetime import datetime
from uuid import UUID

from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.uow import UnitOfWork
from customer_svc.requesters import repository


async def note_change(unit: UnitOfWork, user_id: UUID, *, active: bool, at: datetime) -> None:
    """Put down that what a person may do has changed."""
    await repository.note(unit.connection, user_id, active=active, at=at)


async def standing(connection: Connection, asked: Caller, at: datetime) -> Caller | None:
    """The rights of whoever has asked at a moment; None where the account is inactive or has other rights since.

    Which ones, the gateway alone knows: so who still may, asks again. Machines have the rights of their request.
    """
    if asked.kind == "user" and await repository.has_changed(connection, asked.id, at):
        return None
    return asked
