"""Use cases of consents when people are merged: belongs to the transaction of the merge."""

from collections.abc import Sequence
from uuid import UUID

from crm_contracts.privacy.v1 import ConsentMoved
from crm_platform.ids import new_id
from crm_platform.uow import UnitOfWork
from customer_svc.consents import service as consents
from customer_svc.merged_consents import repository
from customer_svc.merged_consents.domain import merged, taken_apart


async def count(unit: UnitOfWork, ids: Sequence[UUID]) -> int:
    """How many consents these people have given."""
    return len(await repository.of_people(unit.connection, ids))


async def merge_consents(
    unit: UnitOfWork, merge_id: UUID, survivor_id: UUID, absorbed_ids: Sequence[UUID], *, reason: str
) -> None:
    """Let the survivor have what the stricter says, for each purpose and channel."""
    ids = await repository.of_people(unit.connection, [survivor_id, *absorbed_ids])
    found = await unit.find_many(consents.AGGREGATE, ids)
    changes = merged(survivor_id, found.values())
    await repository.remember(unit.connection, merge_id, [before.id for before, _ in changes])
    await unit.update_many(consents.AGGREGATE, changes, ConsentMoved, reason=reason)


async def unmerge_consents(
    unit: UnitOfWork, merge_id: UUID, absorbed_ids: Sequence[UUID], *, reason: str
) -> list[UUID]:
    """Put consents back as they were; what was said since counts for both.

    Returns:
        Those about which something was said since.
    """
    kept = await repository.kept(unit.connection, unit.caller.tenant_id, merge_id)
    left = await repository.of_people(unit.connection, absorbed_ids)
    found = await unit.find_many(consents.AGGREGATE, {*left, *(one.before.id for one in kept)})
    apart = taken_apart(kept, found, [found[id] for id in left])
    await unit.update_many(consents.AGGREGATE, apart.changes, ConsentMoved, reason=reason)
    copies = [one.with_(id=new_id()) for one in apart.copies]
    await unit.insert_many(consents.AGGREGATE, copies, ConsentMoved, reason=reason)
    return list(apart.said_since)
