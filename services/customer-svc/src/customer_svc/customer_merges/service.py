"""Use cases of merges: one transaction merges customers into one, another takes it back.

What refers to the customers is re-pointed by :class:`Following`, here in the same transaction and in other services
when the event arrives. The customers themselves are kept as they were, sealed as they were, and deleted: nothing else
has to know that there are such that are merged.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from crm_contracts.communication.v1 import CommunicationUpdated
from crm_contracts.customer.v1 import CustomerDeleted, CustomerRestored, CustomerUpdated, SyncConflictMoved
from crm_contracts.duplicate.v1 import (
    CustomerMerged,
    CustomerUnmerged,
    MergeConflict,
    MovedRecords,
)
from crm_contracts.requirement.v1 import RequirementUpdated
from crm_platform.context import Caller
from crm_platform.following import Following, Reference, everywhere
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.reads.field_access import shown_to
from crm_platform.reads.reader import fetch_one
from crm_platform.sealing.subjects import find_keys
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.communications import service as communications
from customer_svc.contacts import service as contacts
from customer_svc.customer_merges import repository
from customer_svc.customer_merges.domain import (
    LIFE_CYCLE,
    SINGLE,
    CustomerMerge,
    Merged,
    MovedLink,
    merge,
    moved_along,
    moved_back,
    restored,
)
from customer_svc.customer_merges.errors import (
    DisagreementsUnsettled,
    ErasedCustomer,
    MergedWithItself,
    NotUndoable,
    TooMuchToMerge,
)
from customer_svc.customer_merges.models import CUSTOMER_MERGES
from customer_svc.customer_merges.schemas import CustomerMergeRead, FieldOutcome, MergeOutcome, MergeRequest
from customer_svc.customers import service as customers
from customer_svc.customers.domain import Customer
from customer_svc.duplicates import service as duplicates
from customer_svc.merged_consents import service as merged_consents
from customer_svc.merged_customers import service as merged_customers
from customer_svc.requirements import service as requirements
from customer_svc.sync import service as sync
from customer_svc.values.problems import told

__all__ = ["MergeOutcome", "MergeRequest", "forget_customers", "merge_customers", "told_to", "unmerge_customers"]

forget_customers = repository.forget_customers

LIMIT = 10_000
"""Records that go over in one merge: about five seconds' work."""


@cache
def _following() -> Following:
    """What of this service refers to customers; contacts do so in their own way."""
    return Following(
        merged_customers.SUCCESSORS,
        merged_customers.MOVES,
        (
            Reference(communications.AGGREGATE, CommunicationUpdated),
            Reference(requirements.AGGREGATE, RequirementUpdated),
            Reference(sync.AGGREGATE, SyncConflictMoved),
            Reference(customers.AGGREGATE, CustomerUpdated, "parent_id"),
        ),
    )


async def merge_customers(unit: UnitOfWork, survivor_id: UUID, body: MergeRequest, *, if_match: object) -> MergeOutcome:
    """Merge customers into one, or say what would come of it.

    Raises:
        NotFound: One of them does not exist, or is not visible.
        CustomerAbsorbed: One of them was merged into another before.
        PreconditionRequired: No version of the survivor was given.
        VersionMismatch: One of them has changed since.
        NotClaimed: The caller sees one of them only because it is in the pool.
        ErasedCustomer: The personal data of one of them is erased.
        InvalidPayload: Choices that are none.
        ParentLoop: The survivor would become its own ancestor.
        DisagreementsUnsettled: Two have an open question about the same field.
        TooMuchToMerge: Too many records would go over.
    """
    survivor, absorbed = await _load(unit, survivor_id, body, if_match)
    rules = await customers.custom_fields(unit.connection, unit.caller.tenant_id)
    with told(unit.caller.language):
        merged = merge(survivor, absorbed, body.choices, rules)
    absorbed_ids = [one.id for one in absorbed]
    await customers.check_parent(unit.connection, merged.customer, absorbed_ids)
    moves = await _moves(unit, absorbed_ids)
    outcome = MergeOutcome(
        dry_run=body.dry_run,
        merge=None,
        customer=_shown(merged.customer),
        fields=_fields(survivor, merged),
        moves=moves,
    )
    if body.dry_run:
        return outcome
    record = CustomerMerge(
        id=new_id(),
        survivor_id=survivor.id,
        absorbed_ids=tuple(absorbed_ids),
        choices=merged.choices,
        moved=tuple(moves),
    )
    await _carry_out(unit, record, survivor, merged.customer)
    done = await unit.insert(CUSTOMER_MERGES, record, CustomerMerged, reason=body.reason)
    customer = await fetch_one(
        unit.connection, customers.AGGREGATE.resource, replace(unit.caller, fields=()), survivor.id
    )
    update = {
        "merge": CustomerMergeRead.model_validate_json(done.body),
        "customer": customers.Read.model_validate_json(customer.body),
    }
    return outcome.model_copy(update=update)


async def unmerge_customers(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Take a merge back; what has changed since and cannot go back stays, and is listed.

    Raises:
        NotFound: There is no such merge, or the survivor is not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
        InvalidTransition: It is taken back already.
        NotUndoable: The survivor is not there any more.
        ErasedCustomer: The personal data of one of them is erased since.
        NotClaimed: The survivor is in the pool.
    """
    done = await unit.load(CUSTOMER_MERGES, id, if_match=if_match)
    LIFE_CYCLE.after(done.status, "unmerge")
    await customers.lock_hierarchy(unit.connection)
    if await unit.find(customers.AGGREGATE, done.survivor_id) is None:
        raise NotUndoable(id=done.survivor_id)
    present = await customers.load_customer(unit, done.survivor_id, if_match=ANY_VERSION)
    erased = await repository.forgotten(unit.connection, done.id)
    if erased is not None:
        raise ErasedCustomer(id=erased)
    conflicts = await _take_back(unit, done, present)
    await duplicates.note_different(unit.connection, [done.survivor_id, *done.absorbed_ids])
    return await unit.update(CUSTOMER_MERGES, done, done.unmerged(conflicts), CustomerUnmerged, reason=reason)


async def _load(
    unit: UnitOfWork, survivor_id: UUID, body: MergeRequest, if_match: object
) -> tuple[Customer, list[Customer]]:
    """The customers, locked in the order of their ids, and checked."""
    versions = {one.id: one.version for one in body.absorbed}
    ids = [survivor_id, *(one.id for one in body.absorbed)]
    for number, id in enumerate(ids):
        if id in ids[:number]:
            raise MergedWithItself(id=id)
    await customers.lock_hierarchy(unit.connection)
    await customers.find_named(unit, ids)
    survivor = await customers.load_customer(unit, survivor_id, if_match=if_match)
    absorbed = [await customers.load_customer(unit, id, if_match=version) for id, version in versions.items()]
    erased = [id for id, key in (await find_keys(unit.connection, ids)).items() if key.destroyed_at is not None]
    if erased:
        raise ErasedCustomer(id=min(erased))
    if await repository.disagree_twice(unit.connection, ids):
        raise DisagreementsUnsettled
    return survivor, absorbed


async def _moves(unit: UnitOfWork, absorbed_ids: Sequence[UUID]) -> list[MovedRecords]:
    counts = await _following().count(unit.connection, absorbed_ids)
    counts["consent"] = await merged_consents.count(unit, absorbed_ids)
    counts["contact"] = len({contact for contact, _ in await repository.contacts_at(unit.connection, absorbed_ids)})
    total = sum(counts.values())
    if total > LIMIT:
        raise TooMuchToMerge(count=total, limit=LIMIT)
    return [MovedRecords(kind=kind, count=count) for kind, count in sorted(counts.items())]


async def _carry_out(unit: UnitOfWork, record: CustomerMerge, survivor: Customer, after: Customer) -> None:
    connection, absorbed_ids = unit.connection, record.absorbed_ids
    why = f"merged into {survivor.id}"
    ids = [survivor.id, *absorbed_ids]
    await repository.remember_customers(connection, record.id, "before", ids)
    for id in absorbed_ids:
        await customers.REFS.replace(connection, id, ())
    await customers.REFS.replace(connection, survivor.id, after.external_refs)
    await unit.update(customers.AGGREGATE, survivor, after, CustomerUpdated, reason=f"merge {record.id}")
    await repository.remember_customers(connection, record.id, "after", [survivor.id])
    # A customer that goes may be the parent of another one that goes: that is re-pointed, too, before it is deleted.
    await _following().merged(unit, record.id, survivor.id, absorbed_ids, reason=why)
    await _move_links(unit, record, why)
    await merged_consents.merge_consents(unit, record.id, survivor.id, absorbed_ids, reason=why)
    going = await unit.find_many(customers.AGGREGATE, absorbed_ids)
    await repository.remember_last(connection, record.id, {id: one.version + 1 for id, one in going.items()})
    for last in going.values():
        await unit.delete(customers.AGGREGATE, last, CustomerDeleted, reason=why)
    await duplicates.forget_different(connection, ids)


async def _move_links(unit: UnitOfWork, record: CustomerMerge, why: str) -> None:
    unit = everywhere(unit)
    survivor_id, absorbed_ids = record.survivor_id, record.absorbed_ids
    at = await repository.contacts_at(unit.connection, [survivor_id, *absorbed_ids])
    found = await contacts.find_contacts(unit, {contact for contact, _ in at})
    has_primary = any(link.primary for one in found.values() for link in one.links if link.customer_id == survivor_id)
    changes, moved = [], list[MovedLink]()
    for before in found.values():
        after, links = moved_along(before, survivor_id, absorbed_ids, has_primary=has_primary)
        has_primary = has_primary or any(link.merged.primary for link in links)
        if links:
            changes.append((before, after))
            moved += links
    if changes:
        await contacts.rewrite_links(unit, changes, reason=why)
        await repository.remember_links(unit.connection, record.id, moved)


async def _take_back(unit: UnitOfWork, done: CustomerMerge, present: Customer) -> list[MergeConflict]:
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
    stayed = await _following().unmerged(unit, done.id, reason=why)
    # Customers that went are under the parents that they had, whatever the merge did with these.
    stayed = [one for one in stayed if one.record_id not in done.absorbed_ids]
    conflicts += parents + [MergeConflict(kind=one.kind, record_id=one.record_id) for one in stayed]
    conflicts += await _move_links_back(unit, done.id, why)
    said_since = await merged_consents.unmerge_consents(unit, done.id, done.absorbed_ids, reason=why)
    conflicts += [MergeConflict(kind="consent", record_id=id) for id in said_since]
    return conflicts + await _without_loops(unit, done.absorbed_ids, why)


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


async def _without_loops(unit: UnitOfWork, ids: Sequence[UUID], why: str) -> list[MergeConflict]:
    """Take customers that have come to stand above themselves, by changes since the merge, to the top."""
    conflicts: list[MergeConflict] = []
    for one in (await everywhere(unit).find_many(customers.AGGREGATE, ids)).values():
        after, lost = await _with_parent(unit, one, None)
        if lost:
            await unit.update(customers.AGGREGATE, one, after, CustomerUpdated, reason=why)
            conflicts += lost
    return conflicts


async def _move_links_back(unit: UnitOfWork, merge_id: UUID, why: str) -> list[MergeConflict]:
    unit = everywhere(unit)
    links = await repository.links_of(unit.connection, merge_id)
    found = await contacts.find_contacts(unit, {link.contact_id for link in links})
    after = dict(found)
    conflicts: list[MergeConflict] = []
    for link in reversed(links):  # a contact that was at several that went, goes back step by step
        unchanged = False
        if link.contact_id in after:
            after[link.contact_id], unchanged = moved_back(after[link.contact_id], link)
        if not unchanged:
            conflicts.append(MergeConflict(kind="contact", record_id=link.contact_id))
    if found:
        await contacts.rewrite_links(unit, [(found[id], one) for id, one in after.items()], reason=why)
    return conflicts


def told_to(caller: Caller, outcome: MergeOutcome) -> bytes:
    """An outcome as JSON, with the survivor as ``caller`` may see it."""
    body = outcome.model_dump_json().encode()
    if not caller.fields:
        return body
    content = orjson.loads(body)
    survivor = shown_to(caller, customers.AGGREGATE.resource, orjson.dumps(content["customer"]))
    return orjson.dumps({**content, "customer": orjson.loads(survivor)})


def _shown(customer: Customer) -> customers.Read:
    return customers.Read.model_validate({**customer.model_dump(), "erased_at": None})


def _fields(survivor: Customer, merged: Merged) -> list[FieldOutcome]:
    takes: Mapping[str, Any] = {choice.field: choice.take for choice in merged.choices}
    changed = customers.AGGREGATE.spec.difference(survivor, merged.customer)
    return [
        FieldOutcome(
            field=name,
            take=takes[name],
            from_ids=list(merged.origins[name]),
            changed=_differs(name, survivor, merged.customer, changed),
        )
        for name in takes
    ]


def _differs(name: str, before: Customer, after: Customer, changed: Collection[str]) -> bool:
    key = name.removeprefix("custom.")
    if key != name:
        return bool(before.custom.get(key) != after.custom.get(key))
    return bool(set(SINGLE.get(name, (name,))) & set(changed))
