"""Takes in what other systems change, by who owns which field; keeps the disagreements for a person."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_contracts.customer.v1 import CustomerUpdated, SyncConflictFound, SyncConflictSettled
from crm_contracts.inbound.v1 import ErpCustomerChanged
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.sealing.subjects import is_erased
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.customers import service as customers
from customer_svc.customers.domain import Customer
from customer_svc.suppressions import service as suppressions
from customer_svc.sync import repository
from customer_svc.sync.domain import ERP, ConflictStatus, SyncConflict, divide, spelled
from customer_svc.sync.errors import NamelessCustomer
from customer_svc.sync.models import SYNC_CONFLICTS
from customer_svc.values.phones import phone_form

AGGREGATE = SYNC_CONFLICTS
"""For what re-points them when customers are merged."""

SETTLED = AGGREGATE.table.c.status != ConflictStatus.OPEN.value
"""The condition of being an open question no more."""

SEALED_AT_ONCE = 200
"""Conflicts whose values are sealed in one step."""


async def take_in_customer(unit: UnitOfWork, message: ErpCustomerChanged) -> None:
    """Apply a change of the ERP system.

    Fields that the ERP system owns are taken over; a change of one of ours becomes a conflict; a customer
    that is not known here is entered. A message older than one that was taken in has no effect.

    Raises:
        NamelessCustomer: An unknown customer comes without a name.
    """
    ref = ExternalRef(system=ERP, external_id=message.external_id)
    newer = await repository.advance_revision(
        unit.connection, system=ERP, external_id=message.external_id, revision=message.revision
    )
    if not newer:
        return
    if await _is_of_erased(unit, ref, message):
        return
    incoming = {name: getattr(message, name) for name in message.changed if name in type(message).model_fields}
    customer = await customers.find_by_ref(unit, ref)
    if customer is None and message.customer_id is not None:
        customer = await customers.find_customer(unit, message.customer_id)
    if customer is None:
        await _enter(unit, ref, incoming)
        return
    incoming = _understood(customer, incoming)
    division = divide(ERP, {name: getattr(customer, name) for name in incoming}, incoming, customers.owner_of)
    await _take_over(unit, customer, ref, division.accepted)
    for field, theirs in division.disputed.items():
        await _dispute(unit, customer, field, theirs)


async def settle_conflict(unit: UnitOfWork, id: UUID, action: str, *, if_match: object) -> Rendered:
    """Decide who is right: ``keep_ours`` or ``take_theirs``.

    Both ways the other system hears of it and ends up with the same value as we have.

    Raises:
        NotFound: No such conflict.
        PreconditionRequired: No version was given.
        VersionMismatch: The other system has changed the field again since.
        InvalidTransition: It is settled already.
    """
    before = await unit.load(SYNC_CONFLICTS, id, if_match=if_match)
    after = before.settle(action)
    if action == "take_theirs":
        await _set_field(unit, before.customer_id, before.field, before.theirs, reason=f"{before.system} is right")
    return await unit.update(SYNC_CONFLICTS, before, after, SyncConflictSettled)


async def seal_portion(unit: UnitOfWork, after: UUID) -> tuple[UUID | None, int]:
    """Seal the values of the next conflicts that the version before has written in the clear.

    Returns:
        From where to go on (None at the end), and how many were sealed.
    """
    legacy = await repository.find_legacy(unit.connection, after=after, limit=SEALED_AT_ONCE)
    found = await unit.find_many(SYNC_CONFLICTS, legacy)
    changes = [(conflict, conflict.completed(legacy[id])) for id, conflict in found.items()]
    await unit.update_many(SYNC_CONFLICTS, changes, SyncConflictFound, reason="personal data is sealed")
    await repository.clear_legacy(unit.connection, legacy.keys())
    return (max(legacy) if len(legacy) == SEALED_AT_ONCE else None), len(legacy)


async def _is_of_erased(unit: UnitOfWork, ref: ExternalRef, message: ErpCustomerChanged) -> bool:
    """Whether the other system tells of somebody who was erased here: by number, by our id, or by phone."""
    phone = phone_form(message.phone) if message.phone else None
    values = [suppressions.ref_value(ref), *([("phone", phone)] if phone else [])]
    if await suppressions.is_suppressed(unit, values):
        return True
    return message.customer_id is not None and await is_erased(unit.connection, message.customer_id)


async def _enter(unit: UnitOfWork, ref: ExternalRef, incoming: Mapping[str, Any]) -> None:
    if not incoming.get("name"):
        raise NamelessCustomer(system=ref.system, external_id=ref.external_id)
    await customers.enter_foreign(unit, ref, incoming)


async def _dispute(unit: UnitOfWork, customer: Customer, field: str, theirs: object) -> None:
    ours = getattr(customer, field)
    known = await repository.find_open_conflict(unit.connection, customer_id=customer.id, system=ERP, field=field)
    if known is not None:
        before = await unit.load(SYNC_CONFLICTS, known, if_match=ANY_VERSION)
        after = before.with_(ours=spelled(ours), theirs=spelled(theirs))
        await unit.update(SYNC_CONFLICTS, before, after, SyncConflictFound)
        return
    conflict = SyncConflict(
        id=new_id(), customer_id=customer.id, system=ERP, field=field, ours=spelled(ours), theirs=spelled(theirs)
    )
    await unit.insert(SYNC_CONFLICTS, conflict, SyncConflictFound)


async def _take_over(unit: UnitOfWork, before: Customer, ref: ExternalRef, values: Mapping[str, Any]) -> None:
    """Change a customer as another system says, and remember under which id it knows the customer."""
    after = before.linked(ref).changed(values, foreign=True)
    if after.external_refs != before.external_refs:
        await customers.REFS.replace(unit.connection, after.id, after.external_refs)
    await unit.update(customers.AGGREGATE, before, after, CustomerUpdated, reason=f"told by {ref.system}")


def _understood(customer: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
    """What another system says, in the form in which ``customer`` would have it, so that the two can be compared."""
    after = customer.changed(values, foreign=True)
    return {name: getattr(after, name) for name in values}


async def _set_field(unit: UnitOfWork, id: UUID, field: str, value: str | None, *, reason: str) -> None:
    """Set one field to what another system says, after a person has decided so."""
    before = await unit.load(customers.AGGREGATE, id, if_match=ANY_VERSION)
    after = before.changed({field: value}, foreign=True)
    await unit.update(customers.AGGREGATE, before, after, CustomerUpdated, reason=reason)
