"""Use cases of contacts; endpoints and other slices call the same functions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from crm_contracts.contact.v1 import (
    ContactCreated,
    ContactDeleted,
    ContactLinkChanged,
    ContactLinked,
    ContactStatusChanged,
    ContactUnlinked,
    ContactUpdated,
)
from crm_platform.companies import today_of
from crm_platform.errors import DomainError, PreconditionRequired
from crm_platform.http.batch import BatchMode, BatchStatus, Written, rounds
from crm_platform.http.fields import Reason, changes_of, ownership
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from customer_svc.contacts import repository
from customer_svc.contacts.domain import Contact
from customer_svc.contacts.errors import ContactInUse, CustomerOfContactInPool, CustomerOfContactMissing
from customer_svc.contacts.finding import known
from customer_svc.contacts.models import CONTACT_REFS, CONTACTS
from customer_svc.contacts.schemas import ContactCreate, ContactUpdate, Departure, LinkCreate, LinkUpdate
from customer_svc.customers import service as customers
from customer_svc.values.problems import told

RESOURCE = CONTACTS.resource
"""All contacts, for slices that look at them."""

lock_intake, primary_contacts = repository.lock_intake, repository.primary_contacts

find_known, added_to, reached_by = known.find_known, known.added_to, known.reached_by

New: TypeAlias = ContactCreate
"""What is said of a new contact."""


async def create_contact(unit: UnitOfWork, body: ContactCreate) -> Rendered:
    """Enter a contact, which belongs to whoever its first customer belongs to unless the body says otherwise.

    Raises:
        InvalidPayload: Values break rules.
        CustomerOfContactMissing: A customer does not exist, or the caller may not see it.
        ExternalIdTaken: Another contact has one of the external ids.
    """
    contact = _new_contact(unit, body, await _customers_of(unit, [body]), await today_of(unit))
    await _make_way(unit, _primary_at([contact]))
    rendered = await unit.insert(CONTACTS, contact, ContactCreated)
    await _index(unit, [contact])
    return rendered


async def create_contacts(unit: UnitOfWork, bodies: Sequence[ContactCreate]) -> list[Written | DomainError]:
    """Enter many contacts at once; those whose values break rules are left out, of the others all or none."""
    known = await _customers_of(unit, bodies)
    today = await today_of(unit)
    drafts = [_drafted(unit, body, known, today) for body in bodies]
    new = [draft for draft in drafts if isinstance(draft, Contact)]
    await _make_way(unit, _primary_at(new))
    written = iter(await unit.insert_many(CONTACTS, new, ContactCreated))
    await _index(unit, new)
    return [draft if isinstance(draft, DomainError) else _entered(next(written)) for draft in drafts]


def _drafted(unit: UnitOfWork, body: ContactCreate, known: Mapping[UUID, Any], today: date) -> Contact | DomainError:
    try:
        return _new_contact(unit, body, known, today)
    except DomainError as error:
        return error


def _new_contact(unit: UnitOfWork, body: ContactCreate, known: Mapping[UUID, Any], today: date) -> Contact:
    """The state of a contact to be, whose customers are ``known``."""
    for link in body.links:
        _check_customer(unit, link.customer_id, known)
    owners = ownership(body, unit.caller)
    if body.links and not owners.keys() & body.model_fields_set:
        owners = {name: getattr(known[body.links[0].customer_id], name) for name in owners}
    changes = {name: value for name, value in changes_of(body).items() if name != "links"} | owners
    contact = Contact(id=new_id(), name=body.name, status_since=unit.now)
    with told(unit.caller.language):
        contact = contact.changed(changes)
        for link in body.links:
            contact = contact.linked(dict(link), today)
    return contact


def _entered(contact: Contact) -> Written:
    return Written(BatchStatus.CREATED, contact.id, contact.version)


async def _index(unit: UnitOfWork, new: Sequence[Contact]) -> None:
    await repository.add_links(unit.connection, new)
    await CONTACT_REFS.add(unit.connection, [(ref, one.id) for one in new for ref in one.external_refs])


async def _customers_of(unit: UnitOfWork, bodies: Sequence[ContactCreate]) -> dict[UUID, Any]:
    """The customers of contacts to be, locked: whoever changes who is primary there waits."""
    return await customers.find_named(unit, list({link.customer_id for body in bodies for link in body.links}))


async def write_contacts(
    unit: UnitOfWork, bodies: Sequence[ContactCreate], mode: BatchMode
) -> list[Written | DomainError]:
    """Enter contacts, or with ``upsert`` bring those up to date whose external id is known."""
    outcomes: dict[int, Written | DomainError] = {}
    # Two contacts of a batch can be the same one, or both be the primary one of a customer: the later one counts.
    for numbers in rounds([_keys(body) for body in bodies]):
        known = await _known(unit, [bodies[number] for number in numbers], mode)
        new = [number for number, id in zip(numbers, known, strict=True) if id is None]
        written = await create_contacts(unit, [bodies[number] for number in new]) if new else []
        outcomes |= dict(zip(new, written, strict=True))
        for number, id in zip(numbers, known, strict=True):
            if id is not None:
                outcomes[number] = await bring_up_to_date(unit, id, bodies[number])
    return [outcomes[number] for number in range(len(bodies))]


def _keys(body: ContactCreate) -> Iterable[Any]:
    return [*body.external_refs, *(link.customer_id for link in body.links if link.primary)]


async def _known(unit: UnitOfWork, bodies: Sequence[ContactCreate], mode: BatchMode) -> list[UUID | None]:
    """The contact that each of ``bodies`` is about; None for a new one."""
    if mode is BatchMode.CREATE:
        return [None] * len(bodies)
    found = await CONTACT_REFS.find(unit.connection, [ref for body in bodies for ref in body.external_refs])
    return [next((found[ref] for ref in body.external_refs if ref in found), None) for body in bodies]


async def bring_up_to_date(unit: UnitOfWork, id: UUID, body: ContactCreate) -> Written:
    """Change what ``body`` sets; of links and external ids only those that it names."""
    before = await _load_behind(unit, id, [link.customer_id for link in body.links], if_match=ANY_VERSION)
    changes = {name: value for name, value in changes_of(body).items() if name != "links"}
    named = {ref.system for ref in body.external_refs}
    kept = tuple(ref for ref in before.external_refs if ref.system not in named)
    after = await _changed(unit, before, changes | {"external_refs": (*kept, *body.external_refs)})
    today = await today_of(unit)
    with told(unit.caller.language):
        for link in body.links:
            after = _with_link(after, link, today)
    event = ContactUpdated if after.links == before.links else ContactLinkChanged
    rendered = await _write(unit, before, after, event)
    status = BatchStatus.UNCHANGED if rendered.version == before.version else BatchStatus.UPDATED
    return Written(status, id, rendered.version)


def _with_link(contact: Contact, link: LinkCreate, today: date) -> Contact:
    if contact.link_to(link.customer_id) is None:
        return contact.linked(dict(link), today)
    return contact.relinked(link.customer_id, changes_of(link), today)


async def update_contact(unit: UnitOfWork, id: UUID, body: ContactUpdate, *, if_match: object) -> Rendered:
    """Change fields of a contact.

    Raises:
        NotFound: No such contact, or not visible.
        VersionMismatch: The contact has changed since.
        InvalidPayload: Values break rules.
        ExternalIdTaken: Another contact has one of the external ids.
    """
    before = await unit.load(CONTACTS, id, if_match=if_match)
    return await _write(unit, before, await _changed(unit, before, changes_of(body)), ContactUpdated)


async def link_contact(unit: UnitOfWork, id: UUID, body: LinkCreate, *, if_match: object) -> Rendered:
    """Put on record that a contact is somebody at one customer more.

    Raises:
        AlreadyLinked: It is at that customer already.
    """
    before = await _load_behind(unit, id, [body.customer_id], if_match=if_match)
    today = await today_of(unit)
    with told(unit.caller.language):
        after = before.linked(dict(body), today)
    return await _write(unit, before, after, ContactLinked)


async def change_link(unit: UnitOfWork, id: UUID, body: LinkUpdate, *, if_match: object) -> Rendered:
    """Change what a contact is at a customer; who becomes primary there takes the place of whoever was.

    Raises:
        NotLinked: The contact is not at that customer.
        CannotBePrimary: It is to be the primary contact there, but has left.
    """
    before = await _load_behind(unit, id, [body.customer_id], if_match=if_match)
    changes = {name: value for name, value in changes_of(body).items() if name != "customer_id"}
    today = await today_of(unit)
    with told(unit.caller.language):
        after = before.relinked(body.customer_id, changes, today)
    return await _write(unit, before, after, ContactLinkChanged)


async def unlink_contact(unit: UnitOfWork, id: UUID, customer_id: UUID, *, if_match: object) -> Rendered:
    """Take back that a contact is somebody at a customer; who was and is no more gets an end instead.

    Raises:
        NotLinked: The contact is not at that customer.
    """
    before = await unit.load(CONTACTS, id, if_match=if_match)
    return await _write(unit, before, before.unlinked(customer_id), ContactUnlinked)


async def move_contact(
    unit: UnitOfWork, id: UUID, action: str, why: Departure | Reason, *, if_match: object
) -> Rendered:
    """Take a step of the life cycle: ``leave``, ``record_death`` or ``return``; see :meth:`Contact.move`."""
    before = await unit.load(CONTACTS, id, if_match=if_match)
    last = why.on if isinstance(why, Departure) else None
    after = before.move(action, at=unit.now, note=why.reason, on=last or await today_of(unit))
    return await _write(unit, before, after, ContactStatusChanged, reason=why.reason)


async def delete_contact(unit: UnitOfWork, id: UUID, *, if_match: object) -> None:
    """Remove a contact with its links; one that other records name stays.

    Raises:
        ContactInUse: Other records name it.
    """
    before = await unit.load(CONTACTS, id, if_match=if_match)
    await repository.replace_links(unit.connection, [before.with_(links=())])
    await CONTACT_REFS.replace(unit.connection, id, ())
    try:
        await unit.delete(CONTACTS, before, ContactDeleted)
    except asyncpg.ForeignKeyViolationError as error:
        raise ContactInUse from error


async def find_contacts(unit: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Contacts, locked, for records that name them; what does not exist or is not visible is absent."""
    return await unit.find_many(CONTACTS, ids)


async def rewrite_links(unit: UnitOfWork, changes: Sequence[tuple[Contact, Contact]], *, reason: str) -> None:
    """Write changes of what contacts, which are locked, are at customers; as merges of customers make them."""
    await repository.replace_links(unit.connection, [after for _, after in changes])
    await unit.update_many(CONTACTS, changes, ContactLinkChanged, reason=reason)


async def _load_behind(unit: UnitOfWork, id: UUID, customer_ids: Sequence[UUID], *, if_match: object) -> Contact:
    """A contact, locked behind these customers and together with their primary contacts.

    Whoever changes who is primary at a customer waits for its lock; contacts are locked in the order of their ids. So
    two such changes never wait for each other.
    """
    await unit.render(CONTACTS.resource, id)
    if if_match is None:
        raise PreconditionRequired
    found = await customers.find_named(unit, list(set(customer_ids)))
    for customer_id in customer_ids:
        _check_customer(unit, customer_id, found)
    primary = await repository.primary_contacts(unit.connection, customer_ids)
    await unit.find_many(CONTACTS, {id, *primary.values()})
    return await unit.load(CONTACTS, id, if_match=if_match)


def _check_customer(unit: UnitOfWork, id: UUID, found: Mapping[UUID, Any]) -> None:
    """Refuse to link with a customer that is not among those ``found``, or whose contacts the pool hides."""
    if id not in found:
        raise CustomerOfContactMissing(customer_id=id)
    if found[id].in_pool and unit.caller.visibility != "all":
        raise CustomerOfContactInPool(customer_id=id)


async def _write(
    unit: UnitOfWork, before: Contact, after: Contact, event: Any, *, reason: str | None = None
) -> Rendered:
    """Write a change of a contact; where it has become primary, whoever was steps back."""
    if after.links != before.links:
        gained = _primary_at([after]) - _primary_at([before])
        await _make_way(unit, gained)
        await repository.replace_links(unit.connection, [after])
    return await unit.update(CONTACTS, before, after, event, reason=reason)


def _primary_at(contacts: Iterable[Contact]) -> set[UUID]:
    return {link.customer_id for contact in contacts for link in contact.links if link.primary}


async def _make_way(unit: UnitOfWork, customer_ids: set[UUID]) -> None:
    """Let the present primary contacts of these customers, which are locked, step back."""
    if not customer_ids:
        return
    primary = await repository.primary_contacts(unit.connection, customer_ids)
    found = await unit.find_many(CONTACTS, set(primary.values()))
    stepped = dict(found)
    for customer_id, id in primary.items():
        if id in stepped:  # whoever was deleted meanwhile is in nobody's way
            stepped[id] = stepped[id].step_back(customer_id)
    if stepped:
        await repository.replace_links(unit.connection, list(stepped.values()))
        await unit.update_many(CONTACTS, [(found[id], after) for id, after in stepped.items()], ContactLinkChanged)


async def _changed(unit: UnitOfWork, before: Contact, changes: Mapping[str, Any]) -> Contact:
    with told(unit.caller.language):
        after = before.changed(changes)
    if after.external_refs != before.external_refs:
        await CONTACT_REFS.replace(unit.connection, after.id, after.external_refs)
    return after
