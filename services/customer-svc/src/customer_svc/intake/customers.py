"""Writes customers by the many, and finds who is like them; whoever calls has checked what each row says."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from crm_contracts.customer.v1 import CustomerCreated, CustomerDeleted, CustomerUpdated
from crm_platform.custom_fields.refused import Refused
from crm_platform.custom_fields.trying import Trial as FieldTrial
from crm_platform.custom_fields.writing import problems_of
from crm_platform.errors import DomainError, MemberNotEditable
from crm_platform.http.fields import changes_of
from crm_platform.locking import lock_as_seen
from crm_platform.reads.field_access import refuse_uneditable
from crm_platform.sealing.record_keys import Entry as Filed
from crm_platform.sealing.vault import vault_of
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.customers.errors import FieldOwnedElsewhere, ParentLoop
from customer_svc.customers.models import CUSTOM, CUSTOMER_REFS, CUSTOMERS, LIKES, PERSONAL
from customer_svc.customers.repository import check_parent, find_parents, in_use, refuse_in_use
from customer_svc.customers.schemas import CustomerUpdate
from customer_svc.customers.service import find_customers, look_at_customers
from customer_svc.duplicates.service import SWIFT, Candidate, Judged, Trial, keys_of, note_keys, profile_of

__all__ = [
    "PERSONAL_MEMBERS",
    "alike_among",
    "alike_of_each",
    "change_many",
    "custom_problems",
    "custom_reader",
    "enter_many",
    "find_customers",
    "judged_ahead",
    "keys_telling",
    "keys_to_file",
    "look_at_customers",
    "note_keys_to_file",
    "owning_refusal",
    "parents_of",
    "parsed_changes",
    "refuse_loop",
    "remove_customer",
]

PERSONAL_MEMBERS = frozenset(PERSONAL)
"""Members that are sealed, and that belong nowhere in the clear."""


def parsed_changes(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What a client would send to change a customer, checked by its schema.

    Raises:
        pydantic.ValidationError: Values break rules.
    """
    return changes_of(CustomerUpdate.model_validate(sent))


Read = tuple[dict[str, Any], list[tuple[str, Refused]]]
"""Values of custom fields by key, and what cells were refused."""


async def custom_reader(unit: UnitOfWork) -> Callable[[Mapping[str, Any]], Read]:
    """What makes values of the cells of custom fields, by their definitions of this moment."""
    fields = await CUSTOM.renewed(unit.connection, unit.caller.tenant_id)
    return fields.read


async def custom_problems(
    unit: UnitOfWork, pairs: Sequence[tuple[Customer | None, Customer]], trial: FieldTrial | None = None
) -> list[DomainError | None]:
    """What of custom fields each of some customers would break if it were written; given with what was there before."""
    return await problems_of(unit.connection, unit.caller, CUSTOMERS, pairs, trial)


def owning_refusal(unit: UnitOfWork) -> Callable[[Mapping[str, UUID | None]], DomainError | None]:
    """What tells why the caller may not give customers to a person or team, as the route that does so would."""

    def refusal(given: Mapping[str, UUID | None]) -> DomainError | None:
        try:
            refuse_uneditable(CUSTOMERS.resource, unit.caller, given)
        except MemberNotEditable as error:
            return error
        return None

    return refusal


async def enter_many(unit: UnitOfWork, customers: Sequence[Customer], *, reason: str) -> list[Customer]:
    """Enter customers whose values were checked; those that are given to nobody belong to whoever enters them."""
    owner = (unit.caller.id, unit.caller.team_id) if unit.caller.kind == "user" else (None, None)
    entered = (customer.with_(status_since=unit.now) for customer in customers)
    owned = [customer.owned_by(*owner, at=unit.now) if customer.in_pool else customer for customer in entered]
    written = await unit.insert_many(CUSTOMERS, owned, CustomerCreated, reason=reason)
    await CUSTOMER_REFS.add(unit.connection, [(ref, one.id) for one in written for ref in one.external_refs])
    return written


async def change_many(unit: UnitOfWork, changes: Sequence[tuple[Customer, Customer]], *, reason: str) -> list[Customer]:
    """Bring customers from the states in which they were seen to others; values were checked, but not who owns them.

    Raises:
        VersionMismatch: One of them has moved on since.
        FieldOwnedElsewhere: Another system owns one of the fields.
        ExternalIdTaken: Another customer has one of the external ids.
    """
    for before, after in changes:
        changed = CUSTOMERS.spec.difference(before, after)
        for field, system in before.owned_elsewhere(changed, unit.caller.system).items():
            raise FieldOwnedElsewhere(field=field, system=system)
    await lock_as_seen(unit.connection, CUSTOMERS, [before for before, _ in changes])
    linked = {after.id: after.external_refs for before, after in changes if after.external_refs != before.external_refs}
    await CUSTOMER_REFS.replace_many(unit.connection, linked)
    return await unit.update_many(CUSTOMERS, changes, CustomerUpdated, reason=reason)


async def remove_customer(unit: UnitOfWork, customer: Customer, *, reason: str) -> None:
    """Remove a locked customer that nothing refers to.

    Raises:
        CustomerInUse: Something belongs to it; all of it is named.
    """
    await refuse_in_use(unit.connection, customer.id)
    await CUSTOMER_REFS.replace(unit.connection, customer.id, ())
    try:
        await unit.delete(CUSTOMERS, customer, CustomerDeleted, reason=reason)
    except asyncpg.ForeignKeyViolationError as error:
        raise in_use([error.table_name]) from error


async def refuse_loop(
    unit: UnitOfWork,
    customer: Customer,
    others: Mapping[UUID, Customer],
    above: Mapping[UUID, UUID | None] | None = None,
) -> None:
    """See to it that a customer is not above itself.

    Args:
        unit: Of the change.
        customer: As it will be.
        others: Those that change with it, as they will be, by their ids.
        above: The parents of all others, where these are not as they stand in the table.

    Raises:
        UnknownParent: Its parent is not there.
        CustomerAbsorbed: That was merged into another.
        ParentLoop: It would become its own ancestor.
    """
    top, line = customer, {customer.id}
    while top.parent_id is not None and top.parent_id not in line and (higher := others.get(top.parent_id)):
        top = higher
        line.add(top.id)
    if top.parent_id in line:
        raise ParentLoop(parent_id=top.parent_id)
    if above is None or top.parent_id not in above:
        await check_parent(unit.connection, customer.with_(parent_id=top.parent_id), absorbed=line)
        return
    seen, id = set[UUID](), top.parent_id
    while id is not None and id not in seen:
        if id in line:
            raise ParentLoop(parent_id=top.parent_id)
        seen.add(id)
        id = above.get(id)


async def parents_of(unit: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """The parents of customers; those that do not exist are absent."""
    return await find_parents(unit.connection, ids)


async def alike_among(unit: UnitOfWork, customers: Sequence[Customer]) -> list[Sequence[Candidate]]:
    """For each of ``customers`` to be, who of those before it may be the same, the likeliest first."""
    return await LIKES.among(unit, customers)


async def alike_of_each(
    unit: UnitOfWork, customers: Sequence[Customer], trial: Trial | None = None
) -> list[Sequence[Candidate]]:
    """For each of ``customers`` to be, who may be the same, the likeliest first; swift, as there are many."""
    return await LIKES.candidates(unit, customers, reach=SWIFT, trial=trial)


async def judged_ahead(unit: UnitOfWork, customers: Sequence[Customer]) -> list[Judged]:
    """Like :func:`alike_of_each`, for later: see :meth:`Likes.judged` for how long it holds."""
    return await LIKES.judged(unit, customers, SWIFT)


def keys_to_file(unit: UnitOfWork, customer: Customer) -> frozenset[Filed]:
    """The keys by which those who may be the same will find a customer, once it is entered."""
    return keys_of(vault_of(unit.connection).index, unit.caller.tenant_id, profile_of(customer))


def note_keys_to_file(unit: UnitOfWork, customer: Customer, keys: frozenset[Filed]) -> None:
    """Take over what :func:`keys_to_file` has told in another process."""
    note_keys(vault_of(unit.connection).index, unit.caller.tenant_id, customer, keys)


async def keys_telling(
    unit: UnitOfWork, ids: Collection[UUID], wanted: Iterable[Collection[Filed]]
) -> Collection[Filed]:
    """The keys among ``wanted`` by which one of these customers may be found that was filed under them just now."""
    filed = await LIKES.look_up.filed(unit.connection, ids)
    shared = {key: filed[key] for keys in wanted for key in filed.keys() & keys}
    return shared.keys() - await LIKES.look_up.full(unit.connection, shared)
