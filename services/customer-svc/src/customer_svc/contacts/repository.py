"""Which contacts are at which customers: the table that is kept in step with the contacts' links."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Uuid, bindparam, delete, func, insert, select

from crm_platform.db import Connection, Query
from customer_svc.contacts.domain import Contact
from customer_svc.contacts.models import CONTACT_KEYS, contact_links, contacts

_ARRAYS = {"contact": Uuid, "customer": Uuid, "primary": Boolean}
_given = func.unnest(*[bindparam(name, type_=ARRAY(kind)) for name, kind in _ARRAYS.items()])
_rows = _given.table_valued(*_ARRAYS).render_derived("given")

_ADD = Query(
    insert(contact_links).from_select(
        ["contact_id", "customer_id", "is_primary"], select(_rows.c.contact, _rows.c.customer, _rows.c.primary)
    )
)
_DROP = Query(delete(contact_links).where(contact_links.c.contact_id == bindparam("ids", type_=ARRAY(Uuid)).any_()))
_BY_KEYS = "SELECT key, record_id FROM contact_keys WHERE kind = ANY ($1) AND key = ANY ($2)"
_LOCK_INTAKE = (
    "SELECT pg_advisory_xact_lock(hashtextextended('contact_intake.' || current_setting('crm.tenant_id'), 0))"
)
_PRIMARY = Query(
    select(contact_links.c.customer_id, contact_links.c.contact_id).where(
        contact_links.c.customer_id == bindparam("ids", type_=ARRAY(Uuid)).any_(), contact_links.c.is_primary
    )
)

AT_CUSTOMER = contacts.c.id.in_(
    select(contact_links.c.contact_id).where(contact_links.c.customer_id == bindparam("customer_id", type_=Uuid))
)
"""The condition on contacts of being at one customer."""

FOUND_BY = {kind: CONTACT_KEYS.having(kind, contacts.c.id) for kind in ("phone", "email", "messenger")}
"""The conditions on contacts of having one phone number, e-mail address or account."""


async def add_links(connection: Connection, added: Iterable[Contact]) -> None:
    """Write the links of new contacts.

    Raises:
        asyncpg.UniqueViolationError: A customer would have two primary contacts.
    """
    rows = [(one.id, link.customer_id, link.primary) for one in added for link in one.links]
    if rows:
        contact, customer, primary = zip(*rows, strict=True)
        await connection.execute(_ADD.text, *_ADD.args(contact=contact, customer=customer, primary=primary))


async def replace_links(connection: Connection, changed: Collection[Contact]) -> None:
    """Make the links of some contacts what these say; contacts without links have none any more."""
    await connection.execute(_DROP.text, *_DROP.args(ids=[one.id for one in changed]))
    await add_links(connection, changed)


async def primary_contacts(connection: Connection, customer_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The primary contact of each of these customers that has one."""
    rows = await connection.fetch(_PRIMARY.text, *_PRIMARY.args(ids=list(customer_ids)))
    return {row[0]: row[1] for row in rows}


async def by_keys(connection: Connection, kinds: Collection[str], keys: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Contacts that are filed under blind keys: key, id."""
    return [(row[0], row[1]) for row in await connection.fetch(_BY_KEYS, list(kinds), list(keys))]


async def lock_intake(connection: Connection) -> None:
    """Let one file at a time look for the contacts that it is about: two at once would each enter who is new."""
    await connection.execute(_LOCK_INTAKE)
