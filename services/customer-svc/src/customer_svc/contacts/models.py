"""Tables of the contacts and of what they are at customers; how contacts are shown, filtered, sorted and searched."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    FromClause,
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    Uuid,
    column,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.contact.v1 import ContactChannel, ContactSnapshot, ContactStatus
from crm_platform.db.schema import aggregate_table, belongs_to, one_of, tenant_table
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.reads.visibility import SEEN_THROUGH, Mine
from crm_platform.sealing import FoundBy, InTrail, RecordKeys, Sealed, record_keys_table, sealed_column
from crm_platform.search.declare import Search, searchable
from crm_platform.store import Aggregate
from customer_svc.contacts.domain import FOUND_BY, NOUN, SEALED, WORDS, Contact
from customer_svc.metadata import METADATA
from customer_svc.values.emails import email_form
from customer_svc.values.names import name_key
from customer_svc.values.phones import phone_form


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, Text) for name in names]


contacts: Table = aggregate_table(
    "contacts",
    METADATA,
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    *_texts("family_name", "given_name", "additional_names", "honorific_prefix", "honorific_suffix"),
    *_texts("name_latin", "nickname", "salutation"),
    Column("status", Text, nullable=False),
    Column("status_since", DateTime(timezone=True)),
    *_texts("status_note", "company", "department", "title", "preferred_channel", "language"),
    Column("websites", ARRAY(Text), nullable=False),
    *_texts("photo_url", "source"),
    Column("tags", ARRAY(Text), nullable=False),
    Column("external_refs", JSONB, nullable=False),
    Column("links", JSONB, nullable=False),
    sealed_column(),
    *searchable(),
    one_of("status", [status.value for status in ContactStatus]),
    one_of("preferred_channel", [channel.value for channel in ContactChannel]),
    Index(None, "tenant_id", "name_key", "id"),
    owned=True,
)

contact_links: Table = tenant_table(
    "contact_links",
    METADATA,
    Column("contact_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("is_primary", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "contact_id", "customer_id"),
    belongs_to("contact_id", "contacts"),
    belongs_to("customer_id", "customers"),
    Index(None, "tenant_id", "customer_id", "contact_id"),
    Index("uq_contact_links_primary", "tenant_id", "customer_id", unique=True, postgresql_where=text("is_primary")),
)
"""Which contacts are at which customers: what the contacts themselves say in ``links``, to be found from both sides."""

_customers = table("customers", column("id", Uuid), column("owner_id", Uuid), column("team_id", Uuid))


def _through_customers(source: FromClause, mine: Mine) -> ColumnElement[bool]:
    """Whether the contact is at a customer of the caller's; customers in the pool show their contacts to nobody."""
    links = contact_links
    at: Select[Any] = select(literal_column("1")).select_from(
        links.join(_customers, links.c.customer_id == _customers.c.id)
    )
    return at.where(links.c.contact_id == source.c.id, mine(_customers)).correlate(source).exists()


contacts.info[SEEN_THROUGH] = _through_customers

CONTACT_REFS = ExternalRefs(
    external_refs_table("contact_refs", METADATA, column="contact_id", table="contacts"),
    column="contact_id",
    what=NOUN,
)

CONTACT_KEYS = RecordKeys(record_keys_table("contact_keys", METADATA), FOUND_BY)

CONTACTS = Aggregate(
    name="contact",
    plural="contacts",
    what=NOUN,
    table=contacts,
    state=Contact,
    snapshot=ContactSnapshot,
    sort_by={"name": contacts.c.name_key, "status": contacts.c.status},
    derived={"name_key": lambda contact: name_key(contact.name)},
    trail=InTrail(WORDS),
    sealed=Sealed(
        members=SEALED,
        keys=CONTACT_KEYS,
        filters={
            "phones": FoundBy("phone", phone_form, many=True),
            "emails": FoundBy("email", email_form, many=True),
        },
    ),
    search=Search(
        {"name": "A", "name_latin": "A", "nickname": "B", "company": "B", "title": "C", "department": "C", "tags": "C"},
        values=("phones", "emails"),
    ),
)
