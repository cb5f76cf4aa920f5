"""Use cases of merges: one transaction merges customers into one, another takes it back.

What refers to the customers is re-pointed by :class:`Following`, here in the same transaction and in other services
when the event arrives. The customers themselves are kept as they were, sealed as they were, and deleted: nothing else
has to know that there are such that are merged.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from crm_contracts.customer.v1 import CustomerDeleted, CustomerUpdated
from crm_contracts.duplicate.v1 import (
    CustomerMerged,
    CustomerUnmerged,
    MergeConflict,
    MovedRecords,
)
from crm_platform.ids import new_id
from crm_platform.operations.begin import begin
from crm_platform.operations.kinds import Done, More, Next, OperationKind, Step
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.reads import Rendered
from crm_platform.reads.reader import fetch_one
from crm_platform.sealing.subjects import find_keys
from crm_platform.uow import ANY_VERSION, UnitOfWork
from crm_platform.words import Words
from customer_svc.customer_merges import repository
from customer_svc.customer_merges.domain import (
    LIFE_CYCLE,
    CustomerMerge,
    Merged,
    merge,
)
from customer_svc.customer_merges.errors import (
    DisagreementsUnsettled,
    ErasedCustomer,
    MergedWithItself,
    NotUndoable,
)
from customer_svc.customer_merges.models import CUSTOMER_MERGES
from customer_svc.customer_merges.restoring import back, links, references
from customer_svc.customer_merges.schemas import (
    CustomerMergeRead,
    MergeOutcome,
    MergeRequest,
    Merging,
    Moved,
    Unmerging,
)
from customer_svc.customer_merges.showing.outcomes import fields_of, shown, told_to
from customer_svc.customers import service as customers
from customer_svc.customers.domain import Customer
from customer_svc.duplicates import service as duplicates
from customer_svc.merged_consents import service as merged_consents
from customer_svc.merged_customers import service as merged_customers
from customer_svc.values.problems import told

__all__ = [
    "MergeOutcome",
    "MergeRequest",
    "Merging",
    "forget_customers",
    "merge_customers",
    "told_to",
    "unmerge_customers",
]

forget_customers = repository.forget_customers

LIMIT = 10_000
"""Records that go over in one transaction: about five seconds' work. Where there are more, an operation moves them."""
AHEAD = 1_000
"""Records that one step of such an operation moves."""


async def merge_customers(
    unit: UnitOfWork, survivor_id: UUID, body: MergeRequest, *, if_match: object
) -> MergeOutcome | Merging:
    """Merge customers into one, or say what would come of it.

    Returns:
        The outcome; or where more goes over than one transaction takes, and nothing was done, what an operation has to.

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
    """
    survivor, absorbed_ids, merged = await _planned(unit, survivor_id, body, if_match)
    moves = await _moves(unit, absorbed_ids)
    outcome = MergeOutcome(
        dry_run=body.dry_run,
        merge=None,
        customer=shown(merged.customer),
        fields=fields_of(survivor, merged),
        moves=moves,
    )
    if body.dry_run:
        return outcome
    if sum(one.count for one in moves) > LIMIT:
        return Merging(survivor_id=survivor.id, version=survivor.version, request=body)
    record = _record(survivor, absorbed_ids, merged, moves)
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


def _record(
    survivor: Customer, absorbed_ids: Sequence[UUID], merged: Merged, moves: Sequence[MovedRecords]
) -> CustomerMerge:
    return CustomerMerge(
        id=new_id(),
        survivor_id=survivor.id,
        absorbed_ids=tuple(absorbed_ids),
        choices=merged.choices,
        moved=tuple(moves),
    )


async def _planned(
    unit: UnitOfWork, survivor_id: UUID, body: MergeRequest, if_match: object
) -> tuple[Customer, list[UUID], Merged]:
    """The survivor, whom it takes in, and what comes of it."""
    survivor, absorbed = await _load(unit, survivor_id, body, if_match)
    rules = await customers.custom_fields(unit.connection, unit.caller.tenant_id)
    with told(unit.caller.language):
        merged = merge(survivor, absorbed, body.choices, rules)
    absorbed_ids = [one.id for one in absorbed]
    await customers.check_parent(unit.connection, merged.customer, absorbed_ids)
    return survivor, absorbed_ids, merged


async def move_ahead(unit: UnitOfWork, order: Merging, move_id: UUID) -> int:
    """Let the next records go over to the survivor ahead of a merge; returns how many.

    Raises:
        DomainError: The merge is not possible any more, see :func:`merge_customers`.
    """
    survivor, absorbed = await _load(unit, order.survivor_id, order.request, order.version)
    ids = [one.id for one in absorbed]
    why = f"merged into {survivor.id}"
    # The survivor may be below one of those: until it is not any more, who is above it would come to be below it.
    leave = {*ids, *await customers.ancestors(unit.connection, survivor.id)}
    moved = await references.ahead().ahead(unit, move_id, survivor.id, ids, most=AHEAD, leave=leave, reason=why)
    if moved < AHEAD:
        moved += await links.move(unit, move_id, survivor.id, ids, most=AHEAD - moved, reason=why)
    return moved


async def go_on_merging(step: Step[Any], order: Merging) -> UUID | None:
    """Do one step of a large merge: move the next records, and merge with the last ones.

    Returns:
        The id of the merge, once it is done.

    Raises:
        DomainError: The merge is not possible any more, see :func:`merge_customers`.
    """
    moved = await move_ahead(step.unit, order, step.id)
    step.progress.count("moved", moved)
    return None if moved == AHEAD else await finish_merge(step.unit, order, step.id)


async def end_merging(step: Step[Any], order: Merging, status: OperationStatus) -> None:
    """Let go back what was moved ahead of a large merge that was not carried out."""
    if status is not OperationStatus.SUCCEEDED:
        moved = Moved(move_id=step.id, absorbed_ids=tuple(one.id for one in order.request.absorbed))
        await begin(step.unit, GIVE_BACK, moved, key=str(step.id))


async def finish_merge(unit: UnitOfWork, order: Merging, move_id: UUID) -> UUID:
    """Merge customers of whom most was moved ahead; returns the id of the merge.

    Raises:
        DomainError: The merge is not possible any more, see :func:`merge_customers`.
    """
    survivor, absorbed_ids, merged = await _planned(unit, order.survivor_id, order.request, order.version)
    counts = await references.ahead().moved(unit.connection, move_id)
    counts["contact"] = await repository.count_links(unit.connection, move_id)
    for left in await _moves(unit, absorbed_ids):
        counts[left.kind] = counts.get(left.kind, 0) + left.count
    moves = [MovedRecords(kind=kind, count=count) for kind, count in sorted(counts.items())]
    record = _record(survivor, absorbed_ids, merged, moves)
    # By now, so that along a chain the ids of merges grow, whatever was merged in the meantime.
    await references.ahead().adopt(unit, move_id, record.id)
    await repository.adopt_links(unit.connection, move_id, record.id)
    await _carry_out(unit, record, survivor, merged.customer)
    await unit.insert(CUSTOMER_MERGES, record, CustomerMerged, reason=order.request.reason)
    return record.id


async def give_back(
    unit: UnitOfWork, move_id: UUID, absorbed_ids: Sequence[UUID], why: str
) -> tuple[int, list[MergeConflict]]:
    """Let the next records go back that a merge, or what was done ahead of it, has moved.

    Returns:
        How many were looked at, and what stays, as it has changed since.
    """
    # First, as merges do: they hold it when they wait for whoever writes references.
    await customers.lock_hierarchy(unit.connection)
    stands = {id: await merged_customers.survivor_of(unit.connection, id) or id for id in absorbed_ids}
    there = await customers.find_parents(unit.connection, stands.values())
    gone = [id for id, one in stands.items() if one not in there]
    count, stayed = await references.following().back(unit, move_id, gone, most=AHEAD, reason=why)
    conflicts = back.told(stayed, absorbed_ids)
    if count < AHEAD:
        number, changed = await links.move_back(unit, move_id, most=AHEAD - count, reason=why)
        count, conflicts = count + number, conflicts + changed
    return count, conflicts + await back.without_loops(unit, absorbed_ids, why)


async def _give_back(step: Step[Moved]) -> Next:
    why = "the merge was not carried out"
    count, _ = await give_back(step.unit, step.input.move_id, step.input.absorbed_ids, why)
    step.progress.count("moved_back", count)
    return More({"moved": step.progress.done}) if count == AHEAD else Done(dict(step.progress.counters))


GIVE_BACK: Final = OperationKind(
    name="customers.merge-give-back",
    title=Words("Return of records after a merge that was not carried out", "合并未完成，退回记录"),
    input=Moved,
    step=_give_back,
    cancellable=False,
    as_system=True,
)


async def begin_unmerge(unit: UnitOfWork, order: Unmerging) -> None:
    """Take a merge back, but for the records that went over: these follow, see :func:`give_back`.

    Raises:
        DomainError: That is not possible any more, see :func:`unmerge_customers`.
    """
    done, present = await _undoable(unit, order.merge_id, order.version)
    conflicts = await back.take_back(unit, done, present, follow=False)
    await duplicates.note_different(unit.connection, [done.survivor_id, *done.absorbed_ids])
    await unit.update(CUSTOMER_MERGES, done, done.unmerged(conflicts), CustomerUnmerged, reason=order.reason)


async def go_on_unmerging(unit: UnitOfWork, merge_id: UUID) -> int:
    """Let the next records go back to whom a merge has taken them from; returns how many were looked at."""
    done = await unit.load(CUSTOMER_MERGES, merge_id, if_match=ANY_VERSION)
    why = f"merge {done.id} is undone"
    count, conflicts = await give_back(unit, done.id, done.absorbed_ids, why)
    after = done.with_(conflicts=(*done.conflicts, *conflicts))
    await unit.update(CUSTOMER_MERGES, done, after, CustomerUnmerged, reason=why)
    return count


async def unmerge_customers(
    unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None
) -> Rendered | Unmerging:
    """Take a merge back; what has changed since and cannot go back stays, and is listed.

    Returns:
        The merge; or where more goes back than one transaction takes, and nothing was done, what an operation has to.

    Raises:
        NotFound: There is no such merge, or the survivor is not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: It has changed since.
        InvalidTransition: It is taken back already.
        NotUndoable: The survivor is not there any more.
        ErasedCustomer: The personal data of one of them is erased since.
        NotClaimed: The survivor is in the pool.
    """
    done, present = await _undoable(unit, id, if_match)
    if sum(one.count for one in done.moved) > LIMIT:
        return Unmerging(merge_id=done.id, version=done.version, reason=reason)
    conflicts = await back.take_back(unit, done, present)
    await duplicates.note_different(unit.connection, [done.survivor_id, *done.absorbed_ids])
    return await unit.update(CUSTOMER_MERGES, done, done.unmerged(conflicts), CustomerUnmerged, reason=reason)


async def _undoable(unit: UnitOfWork, id: UUID, if_match: object) -> tuple[CustomerMerge, Customer]:
    """A merge that can be taken back, and its survivor."""
    done = await unit.load(CUSTOMER_MERGES, id, if_match=if_match)
    LIFE_CYCLE.after(done.status, "unmerge")
    await customers.lock_hierarchy(unit.connection)
    if await unit.find(customers.AGGREGATE, done.survivor_id) is None:
        raise NotUndoable(id=done.survivor_id)
    present = await customers.load_customer(unit, done.survivor_id, if_match=ANY_VERSION)
    erased = await repository.forgotten(unit.connection, done.id)
    if erased is not None:
        raise ErasedCustomer(id=erased)
    return done, present


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
    counts = await references.following().count(unit.connection, absorbed_ids)
    counts["consent"] = await merged_consents.count(unit, absorbed_ids)
    counts["contact"] = len(await repository.contacts_at(unit.connection, absorbed_ids))
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
    await references.following().merged(unit, record.id, survivor.id, absorbed_ids, reason=why)
    await links.move(unit, record.id, survivor.id, absorbed_ids, reason=why)
    await merged_consents.merge_consents(unit, record.id, survivor.id, absorbed_ids, reason=why)
    going = await unit.find_many(customers.AGGREGATE, absorbed_ids)
    await repository.remember_last(connection, record.id, {id: one.version + 1 for id, one in going.items()})
    for last in going.values():
        await unit.delete(customers.AGGREGATE, last, CustomerDeleted, reason=why)
    await duplicates.forget_different(connection, ids)
