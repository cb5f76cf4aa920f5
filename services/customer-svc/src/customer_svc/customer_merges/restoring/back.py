"""What a merge has changed, as it was before, as far as nothing has changed since."""

from collections.abc import Sequence
from uuid import UUID

from crm_contracts.customer.v1 import CustomerRestored, CustomerUpdated
from crm_contracts.duplicate.v1 import MergeConflict
from crm_platform.following import Stayed, everywhere
from crm_platform.uow import UnitOfWork
from customer_svc.customer_merges import repository
from customer_svc.customer_merges.domain import CustomerMerge, restored
from customer_svc.customer_merges.restoring import links, references
from customer_svc.customers import service as customers
from customer_svc.customers.domain import Customer
from customer_svc.merged_consents import service as merged_consents


async def take_back(
    unit: UnitOfWork, done: CustomerMerge, present: Customer, *, follow: bool = True
) -> list[MergeConflict]:
    """Restore what a merge has changed; with ``follow`` all records that went over, too."""
    kept = await repository.customers_of(unit.connection, unit.caller.tenant_id, done.id)
    rules = await customers.custom_fields(unit.connection, unit.caller.tenant_id)
    after, conflicts = restored(kept.before[present.id], kept.survivor_after, present, rules)
    why = f"merge {done.id} is undone"
    await customers.REFS.replace(unit.connection, present.id, after.external_refs)
    versions = await repository.last_versions(unit.connection, done.id)
    absorbed = [kept.before[id].with_(version=versions[id]) for id in done.absorbed_ids]
    conflicts += await _bring_back(unit, absorbed, why)
    after, parents = await _with_parent(unit, after, present.parent_id)
    await unit.update(customers.AGGREGATE, present, after, CustomerUpdated, reason=why)
    conflicts += parents
    if follow:
        stayed = await references.following().unmerged(unit, done.id, reason=why)
        conflicts += told(stayed, done.absorbed_ids)
        conflicts += (await links.move_back(unit, done.id, reason=why))[1]
    else:
        await references.following().release(unit, done.id)
    said_since = await merged_consents.unmerge_consents(unit, done.id, done.absorbed_ids, reason=why)
    conflicts += [MergeConflict(kind="consent", record_id=id) for id in said_since]
    return conflicts + await without_loops(unit, done.absorbed_ids, why)


def told(stayed: Sequence[Stayed], absorbed_ids: Sequence[UUID]) -> list[MergeConflict]:
    """What did not go back, but for customers that went: they are under the parents that they had."""
    return [
        MergeConflict(kind=one.kind, record_id=one.record_id) for one in stayed if one.record_id not in absorbed_ids
    ]


async def _bring_back(unit: UnitOfWork, absorbed: Sequence[Customer], why: str) -> list[MergeConflict]:
    """Enter customers again as they were; those first that are above others."""
    conflicts: list[MergeConflict] = []
    waiting = {one.id: one for one in absorbed}
    while waiting:
        one = next(one for one in waiting.values() if one.parent_id not in waiting)
        del waiting[one.id]
        last, lost = await _with_parent(unit, one, None)
        taken = await customers.REFS.find(unit.connection, last.external_refs)
        free = tuple(ref for ref in last.external_refs if ref not in taken)
        if taken:
            lost.append(MergeConflict(kind="customer", record_id=one.id, field="external_refs"))
        await unit.insert(
            customers.AGGREGATE, last.with_(external_refs=free), CustomerRestored, reason=why, restored=True
        )
        await customers.REFS.add(unit.connection, [(ref, one.id) for ref in free])
        conflicts += lost
    return conflicts


async def _with_parent(
    unit: UnitOfWork, customer: Customer, otherwise: UUID | None
) -> tuple[Customer, list[MergeConflict]]:
    """The customer under its parent, or under another where that is gone or has come under the customer itself."""
    parent_id = customer.parent_id
    if parent_id is None or parent_id == otherwise:
        return customer, []
    line = await customers.ancestors(unit.connection, parent_id)
    if line and customer.id not in line:
        return customer, []
    conflict = MergeConflict(kind="customer", record_id=customer.id, field="parent_id")
    return customer.with_(parent_id=otherwise), [conflict]


async def without_loops(unit: UnitOfWork, ids: Sequence[UUID], why: str) -> list[MergeConflict]:
    """Take customers that have come to stand above themselves, by changes since the merge, to the top."""
    conflicts: list[MergeConflict] = []
    for one in (await everywhere(unit).find_many(customers.AGGREGATE, ids)).values():
        after, lost = await _with_parent(unit, one, None)
        if lost:
            await unit.update(customers.AGGREGATE, one, after, CustomerUpdated, reason=why)
            conflicts += lost
    return conflicts
