"""What contacts are at customers that are merged, moved along and back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from crm_contracts.duplicate.v1 import MergeConflict
from crm_platform.following import everywhere
from crm_platform.uow import UnitOfWork
from customer_svc.contacts import service as contacts
from customer_svc.contacts.domain import Contact
from customer_svc.customer_merges import repository
from customer_svc.customer_merges.domain import MovedLink, moved_along, moved_back
from customer_svc.customers import service as customers
from customer_svc.merged_customers import service as merged_customers


async def move(
    unit: UnitOfWork,
    merge_id: UUID,
    survivor_id: UUID,
    absorbed_ids: Sequence[UUID],
    *,
    most: int | None = None,
    reason: str,
) -> int:
    """Let the next contacts of customers that go, which are locked, be at the survivor; returns how many."""
    unit = everywhere(unit)
    ids = await repository.contacts_at(unit.connection, absorbed_ids, most)
    found = await contacts.find_contacts(unit, ids)
    has_primary = survivor_id in await contacts.primary_contacts(unit.connection, [survivor_id])
    changes, moved = [], list[MovedLink]()
    for before in found.values():
        after, links = moved_along(before, survivor_id, absorbed_ids, has_primary=has_primary)
        has_primary = has_primary or any(link.merged.primary for link in links)
        if links:
            changes.append((before, after))
            moved += links
    if changes:
        await contacts.rewrite_links(unit, changes, reason=reason)
        await repository.remember_links(unit.connection, merge_id, moved)
    return len(ids)


async def move_back(
    unit: UnitOfWork, merge_id: UUID, *, most: int | None = None, reason: str
) -> tuple[int, list[MergeConflict]]:
    """Let the next contacts go back that a merge, or what was done ahead of it, has moved.

    Belongs behind the lock of the hierarchy, so that nobody is merged meanwhile. Who was merged again since passes them
    on: what later merges did with a contact is undone, and done again from where it is then.

    Returns:
        How many were looked at, and who stays, having been changed since.
    """
    unit = everywhere(unit)
    taken = await repository.take_links(unit.connection, merge_id, most)
    places = await _places(unit, (link for links in taken.values() for link in links))
    found = await contacts.find_contacts(unit, taken)
    primary = await contacts.primary_contacts(unit.connection, places.there)
    changes: list[tuple[Contact, Contact]] = []
    conflicts: list[MergeConflict] = []
    for id, links in taken.items():
        before = found.get(id)
        others = {customer_id: contact_id for customer_id, contact_id in primary.items() if contact_id != id}
        after, unchanged = _back(before, links, places, others)
        if not unchanged:
            conflicts.append(MergeConflict(kind="contact", record_id=id))
        if before is not None and after is not None and after != before:
            after = await _passed_on(unit, after, places, others)
            changes.append((before, after))
            primary = others | {one.customer_id: id for one in after.links if one.primary}
    if changes:
        await contacts.rewrite_links(unit, changes, reason=reason)
    return len(taken), conflicts


class _Places(NamedTuple):
    """Customers that contacts go back to, or on to: those that are there, and by which merges the others lead there."""

    there: Collection[UUID]
    hops: Mapping[UUID, Sequence[tuple[UUID, UUID, UUID]]]

    def leads_somewhere(self, id: UUID) -> bool:
        """Whether somebody stands for this customer."""
        hops = self.hops[id]
        return (hops[-1][2] if hops else id) in self.there


async def _places(unit: UnitOfWork, moved: Iterable[MovedLink]) -> _Places:
    """The customers behind these links, locked."""
    ids = {id for link in moved for id in (link.absorbed_id, link.merged.customer_id)}
    hops = {id: await merged_customers.hops_of(unit.connection, id) for id in sorted(ids)}
    last = {way[-1][2] if way else id for id, way in hops.items()}
    return _Places(set(await customers.find_customers(unit, sorted(last))), hops)


def _back(
    contact: Contact | None, links: Sequence[MovedLink], places: _Places, taken: Collection[UUID]
) -> tuple[Contact | None, bool]:
    """The contact as it was before it was moved, and whether all of that could be undone."""
    if contact is None:
        return None, False
    whole = True
    for link in links:
        unchanged = places.leads_somewhere(link.absorbed_id)
        if unchanged:
            contact, unchanged = moved_back(contact, link, has_primary=link.absorbed_id in taken)
        whole = whole and unchanged
    return contact, whole


async def _passed_on(unit: UnitOfWork, contact: Contact, places: _Places, taken: Collection[UUID]) -> Contact:
    """The contact at who stands for the customers at which it is."""
    for at in [link.customer_id for link in contact.links]:
        for merge_id, old_id, new_id in places.hops.get(at, ()):
            contact, moved = moved_along(contact, new_id, [old_id], has_primary=new_id in taken)
            await repository.remember_links(unit.connection, merge_id, moved)
    return contact
