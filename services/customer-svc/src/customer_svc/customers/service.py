"""Use cases of customers; endpoints and consumers call the same functions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from crm_contracts.base import ExternalRef
from crm_contracts.customer.v1 import (
    CustomerCreated,
    CustomerDeleted,
    CustomerReturned,
    CustomerStatusChanged,
    CustomerUpdated,
)
from crm_platform.context import Caller
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.db import Connection
from crm_platform.errors import Conflict, DomainError
from crm_platform.http.batch import BatchMode, BatchStatus, Written
from crm_platform.http.fields import changes_of, ownership
from crm_platform.ids import new_id
from crm_platform.reads import Rendered, Resource
from crm_platform.uow import ANY_VERSION, Event, UnitOfWork
from customer_svc.customers import repository
from customer_svc.customers.domain import FIELD_OWNERS, Customer
from customer_svc.customers.errors import FieldOwnedElsewhere, NotClaimed
from customer_svc.customers.models import CUSTOM, CUSTOMER_REFS, CUSTOMERS, FROM_THE_POOL, LIKES
from customer_svc.customers.schemas import (
    Activation,
    Churn,
    CustomerCreate,
    CustomerRead,
    CustomerUpdate,
    Rest,
)
from customer_svc.duplicates.domain import entry_of
from customer_svc.duplicates.service import CandidatesRead
from customer_svc.merged_customers import service as merged_customers
from customer_svc.values.problems import unacceptable
from customer_svc.values.refused import AllRefused


async def custom_fields(connection: Connection, tenant_id: UUID) -> FieldSet:
    """The custom fields that a company has defined for its customers, as of this moment."""
    return await CUSTOM.renewed(connection, tenant_id)


RESOURCE = CUSTOMERS.resource
"""All customers, for slices that look at many of them; what callers see is :func:`view_for`."""

AGGREGATE, REFS, ALIKE = CUSTOMERS, CUSTOMER_REFS, LIKES
"""Customers, their external ids and their likes, for slices that write many or by other rules."""

ancestors, check_parent, lock_hierarchy = repository.ancestors, repository.check_parent, repository.lock_hierarchy
find_parents = repository.find_parents

WhyActive: TypeAlias = Activation
WhyDormant: TypeAlias = Rest
WhyLost: TypeAlias = Churn
Read: TypeAlias = CustomerRead
"""What callers get of a customer."""


SEALED_AT_ONCE = 200
"""Customers that one step of the sealing takes."""


def new_customer(unit: UnitOfWork, body: CustomerCreate) -> Customer:
    """The state of a customer to be; it belongs to the person who enters it unless the body says otherwise.

    Raises:
        InvalidPayload: Values break rules.
    """
    owner = ownership(body, unit.caller)
    customer = Customer(id=new_id(), name=body.name, status_since=unit.now).owned_by(**owner, at=unit.now)
    return _after(unit, customer, changes_of(body) | owner)


def _after(unit: UnitOfWork, before: Customer, changes: Mapping[str, Any]) -> Customer:
    try:
        after = before.changed(changes)
    except AllRefused as refused:
        raise unacceptable(refused, unit.caller.language) from refused
    if (after.owner_id, after.team_id) == (before.owner_id, before.team_id):
        return after
    return after.owned_by(after.owner_id, after.team_id, at=unit.now)


async def create_customer(unit: UnitOfWork, body: CustomerCreate, *, allow_duplicates: bool = True) -> Rendered:
    """Enter a customer.

    Raises:
        PossibleDuplicates: Somebody is there who may be the same, and that is not allowed.
        UnknownParent: The parent does not exist.
        ExternalIdTaken: Another customer has one of the external ids.
    """
    customer = new_customer(unit, body)
    await check_parent(unit.connection, customer)
    if not allow_duplicates:
        await LIKES.refuse(unit, customer)
    rendered = await unit.insert(CUSTOMERS, customer, CustomerCreated)
    if customer.external_refs:
        await CUSTOMER_REFS.replace(unit.connection, customer.id, customer.external_refs)
    return rendered


async def create_customers(
    unit: UnitOfWork, bodies: Sequence[CustomerCreate], *, allow_duplicates: bool = True
) -> list[Written | DomainError]:
    """Enter many customers at once; those whose values break rules are left out, of the others all or none."""
    drafts = [_drafted(unit, body) for body in bodies]
    if not allow_duplicates:
        drafts = await LIKES.without_refused(unit, drafts)
    customers = [draft for draft in drafts if isinstance(draft, Customer)]
    for customer in customers:
        await check_parent(unit.connection, customer)
    written = iter(await unit.insert_many(CUSTOMERS, customers, CustomerCreated))
    await CUSTOMER_REFS.add(unit.connection, [(ref, c.id) for c in customers for ref in c.external_refs])
    return [draft if isinstance(draft, DomainError) else _entered(next(written)) for draft in drafts]


async def find_duplicates(unit: UnitOfWork, body: CustomerCreate) -> CandidatesRead:
    """Who may be the same as a customer to be, the likeliest first."""
    return await LIKES.told(unit, new_customer(unit, body))


def _drafted(unit: UnitOfWork, body: CustomerCreate) -> Customer | DomainError:
    try:
        return new_customer(unit, body)
    except DomainError as error:
        return error


def _entered(customer: Customer) -> Written:
    return Written(BatchStatus.CREATED, customer.id, customer.version)


async def write_customers(
    unit: UnitOfWork, bodies: Sequence[CustomerCreate], mode: BatchMode, *, allow_duplicates: bool = True
) -> list[Written | DomainError]:
    """Enter customers, or with ``upsert`` bring those up to date whose external id is known."""
    if mode is BatchMode.CREATE:
        return await create_customers(unit, bodies, allow_duplicates=allow_duplicates)
    refs = [ref for body in bodies for ref in body.external_refs]
    known = await CUSTOMER_REFS.find(unit.connection, refs)
    if not known and len(set(refs)) == len(refs):
        return await create_customers(unit, bodies, allow_duplicates=allow_duplicates)
    return [await write_customer(unit, body, mode, allow_duplicates=allow_duplicates) for body in bodies]


async def write_customer(
    unit: UnitOfWork, body: CustomerCreate, mode: BatchMode, *, allow_duplicates: bool = True
) -> Written:
    """Like :func:`write_customers`, for one."""
    if mode is BatchMode.UPSERT:
        known = await CUSTOMER_REFS.find(unit.connection, body.external_refs)
        if known:
            return await _bring_up_to_date(unit, next(iter(known.values())), body)
    (outcome,) = await create_customers(unit, [body], allow_duplicates=allow_duplicates)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


async def _bring_up_to_date(unit: UnitOfWork, id: UUID, body: CustomerCreate) -> Written:
    before = await load_customer(unit, id, if_match=ANY_VERSION)
    after = await _changed(unit, before, body)
    rendered = await unit.update(CUSTOMERS, before, after, CustomerUpdated)
    status = BatchStatus.UNCHANGED if rendered.version == before.version else BatchStatus.UPDATED
    return Written(status, id, rendered.version)


async def update_customer(
    unit: UnitOfWork, id: UUID, body: CustomerUpdate, *, if_match: object, allow_duplicates: bool = True
) -> Rendered:
    """Change fields of a customer.

    Raises:
        NotFound: No such customer, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The customer has changed since.
        ParentLoop: The customer would become its own ancestor.
        FieldOwnedElsewhere: Another system, to which the customer is linked, owns one of the fields.
        PossibleDuplicates: The change makes it like somebody who is there, and that is not allowed.
    """
    before = await load_customer(unit, id, if_match=if_match)
    after = await _changed(unit, before, body)
    if not allow_duplicates and entry_of(after) != entry_of(before):
        await LIKES.refuse(unit, after)
    return await unit.update(CUSTOMERS, before, after, CustomerUpdated)


def view_for(caller: Caller) -> Resource:
    """How ``caller`` sees customers: whoever does not see all, sees those in the pool with parts hidden."""
    return CUSTOMERS.resource if caller.visibility == "all" else FROM_THE_POOL


async def load_customer(
    unit: UnitOfWork, id: UUID, *, if_match: object, unowned: type[Conflict] | None = None
) -> Customer:
    """A customer that the caller may change, locked.

    With ``unowned`` nobody may change one that is in the pool, and that is what they are told.

    Raises:
        NotFound: No such customer, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The customer has changed since.
        NotClaimed: The caller sees it only because it is in the pool.
    """
    customer = await unit.load(CUSTOMERS, id, if_match=if_match)
    if customer.in_pool and (unowned is not None or unit.caller.visibility != "all"):
        raise (unowned or NotClaimed)(id=id)
    return customer


async def change_owner(
    unit: UnitOfWork, before: Customer, owner: tuple[UUID | None, UUID | None], event: Event, *, reason: str | None
) -> Rendered:
    """Give a customer to a person and a team, or with neither to the pool; returns it as the caller sees it then."""
    after = before.owned_by(*owner, at=unit.now)
    rendered = await unit.update(CUSTOMERS, before, after, event, reason=reason)
    if not after.in_pool:
        return rendered
    return await unit.render(view_for(unit.caller), after.id)


async def return_to_pool(unit: UnitOfWork, customers: Sequence[Customer], *, reason: str) -> None:
    """Put customers, which the caller has locked, back into the pool."""
    changes = [(customer, customer.owned_by(None, None, at=unit.now)) for customer in customers]
    await unit.update_many(CUSTOMERS, changes, CustomerReturned, reason=reason)


async def find_customers(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Customers by their ids, locked; what does not exist or is not visible is absent."""
    return await unit.find_many(CUSTOMERS, ids)


async def look_at_customers(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Like :func:`find_customers`, but nobody waits for them: who changes some, locks these as they were seen."""
    return await unit.find_many(CUSTOMERS, ids, lock=False)


async def owned_since_before(
    unit: UnitOfWork, moment: datetime, statuses: Collection[str], *, after: UUID, limit: int
) -> list[UUID]:
    """Ids, in order and above ``after``, of customers in one of ``statuses`` whose owner has had them since before."""
    return await repository.owned_since_before(unit.connection, moment, statuses, after=after, limit=limit)


async def count_owned(unit: UnitOfWork, owner_id: UUID) -> int:
    """How many customers a person owns."""
    return await repository.count_owned(unit.connection, owner_id)


async def seal_portion(unit: UnitOfWork, after: UUID) -> tuple[UUID | None, int]:
    """Seal the personal data of the next customers that the version before has written in the clear.

    What has been set since counts more than what stands in the clear.

    Returns:
        From where to go on (None at the end), and how many were sealed.
    """
    legacy = await repository.find_legacy(unit.connection, after=after, limit=SEALED_AT_ONCE)
    found = await unit.find_many(CUSTOMERS, legacy)
    changes = [(customer, customer.completed(legacy[id])) for id, customer in found.items()]
    await unit.update_many(CUSTOMERS, changes, CustomerUpdated, reason="personal data is sealed")
    await repository.clear_legacy(unit.connection, legacy.keys())
    return (max(legacy) if len(legacy) == SEALED_AT_ONCE else None), len(legacy)


def owner_of(field: str) -> str | None:
    """The system that owns a field of linked customers; None for our own."""
    return FIELD_OWNERS.get(field)


async def find_customer(unit: UnitOfWork, id: UUID) -> Customer | None:
    """A customer, or who stands for it now, locked; None if there is none or the caller may not see it."""
    found = await unit.find(CUSTOMERS, id)
    if found is not None:
        return found
    survivor_id = await merged_customers.survivor_of(unit.connection, id)
    return None if survivor_id is None else await unit.find(CUSTOMERS, survivor_id)


async def find_named(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Like :func:`find_customers`, of ids that a client has named.

    Raises:
        CustomerAbsorbed: One of them was merged into another.
    """
    found = await find_customers(unit, ids)
    await merged_customers.refuse_absorbed(unit.connection, [id for id in ids if id not in found])
    return found


async def enter_foreign(unit: UnitOfWork, ref: ExternalRef, values: Mapping[str, Any]) -> None:
    """Enter a customer that another system has told of; nobody owns it yet."""
    known = Customer(id=new_id(), name=values["name"], status_since=unit.now, external_refs=(ref,))
    customer = known.changed(values, foreign=True)
    await unit.insert(CUSTOMERS, customer, CustomerCreated, reason=f"told by {ref.system}")
    await CUSTOMER_REFS.add(unit.connection, [(ref, customer.id)])


async def move_customer(
    unit: UnitOfWork, id: UUID, action: str, why: Activation | Rest | Churn, *, if_match: object
) -> Rendered:
    """Take a step of the life cycle: ``activate``, ``rest`` or ``churn``.

    Raises:
        NotFound: No such customer, or not visible.
        PreconditionRequired: No version was given.
        VersionMismatch: The customer has changed since.
        InvalidTransition: The step is not possible in the present state.
    """
    before = await load_customer(unit, id, if_match=if_match)
    code = None if why.code is None else why.code.value
    after = before.move(action, at=unit.now, reason=code, note=why.reason)
    return await unit.update(CUSTOMERS, before, after, CustomerStatusChanged, reason=why.reason)


async def activate_buyer(unit: UnitOfWork, id: UUID) -> None:
    """Make a customer active who has bought, if that is still possible; one that is gone is no matter."""
    before = await unit.find(CUSTOMERS, id)
    if before is not None and before.can("activate"):
        await unit.update(CUSTOMERS, before, before.bought(unit.now), CustomerStatusChanged, reason="bought something")


async def delete_customer(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a customer that nothing refers to.

    Raises:
        CustomerInUse: Something belongs to it; all of it is named.
    """
    before = await load_customer(unit, id, if_match=if_match)
    await repository.refuse_in_use(unit.connection, id)
    await CUSTOMER_REFS.replace(unit.connection, id, ())
    try:
        await unit.delete(CUSTOMERS, before, CustomerDeleted)
    except asyncpg.ForeignKeyViolationError as error:
        raise repository.in_use([error.table_name]) from error


async def find_by_ref(unit: UnitOfWork, ref: ExternalRef) -> Customer | None:
    """The customer that another system knows under ``ref``, locked."""
    id = await CUSTOMER_REFS.find_one(unit.connection, ref)
    return None if id is None else await unit.find(CUSTOMERS, id)


async def _changed(unit: UnitOfWork, before: Customer, body: CustomerCreate | CustomerUpdate) -> Customer:
    """``before`` with what ``body`` sets; external ids and parent are checked and kept in step."""
    after = _after(unit, before, changes_of(body))
    changed = CUSTOMERS.spec.difference(before, after)
    for field, system in before.owned_elsewhere(changed, unit.caller.system).items():
        raise FieldOwnedElsewhere(field=field, system=system)
    if after.parent_id != before.parent_id:
        await check_parent(unit.connection, after)
    if after.external_refs != before.external_refs:
        await CUSTOMER_REFS.replace(unit.connection, after.id, after.external_refs)
    return after
