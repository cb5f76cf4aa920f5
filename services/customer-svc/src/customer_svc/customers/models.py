"""Table of the customers, and how they are shown, filtered and sorted."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    literal,
    not_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import FromClause

from crm_contracts.customer.v1 import (
    CustomerGrade,
    CustomerKind,
    CustomerSize,
    CustomerSnapshot,
    CustomerStatus,
    PoolSecret,
)
from crm_platform.context import Caller
from crm_platform.custom_fields.columns import custom_choices_table, custom_columns, custom_slots_table
from crm_platform.custom_fields.part import CustomPart
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.reads.field_access import unseen_members
from crm_platform.reads.members import Members
from crm_platform.reads.veil import Condition, Hides, veiled
from crm_platform.sealing import FoundBy, InTrail, Sealed, record_keys_table, sealed_column
from crm_platform.search.declare import Search, searchable
from crm_platform.store import Aggregate
from customer_svc.customers.domain import CONTACT_DATA, NOUN, Customer
from customer_svc.duplicates.service import COMPARED, DuplicateKeys, Likes, LookUp
from customer_svc.metadata import METADATA
from customer_svc.pool_rules import service as pool_rules
from customer_svc.values.emails import email_form, email_key
from customer_svc.values.names import name_key
from customer_svc.values.phones import phone_form

customers: Table = aggregate_table(
    "customers",
    METADATA,
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("grade", Text),
    Column("industry", Text),
    Column("employees", Integer),
    Column("founded_year", Integer),
    *money_columns("annual_revenue"),
    Column("website", Text),
    Column("registration_id", Text),
    Column("payment_terms_days", Integer),
    *money_columns("credit_limit"),
    Column("parent_id", Uuid),
    Column("tags", ARRAY(Text), nullable=False),
    Column("external_refs", JSONB, nullable=False),
    Column("name_latin", Text),
    Column("short_name", Text),
    Column("size", Text),
    Column("source", Text),
    Column("status_reason", Text),
    Column("status_note", Text),
    Column("status_since", DateTime(timezone=True)),
    Column("registrations", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    sealed_column(),
    Column("owner_since", DateTime(timezone=True)),
    *custom_columns(),
    one_of("kind", [kind.value for kind in CustomerKind]),
    one_of("status", [status.value for status in CustomerStatus]),
    one_of("grade", [grade.value for grade in CustomerGrade]),
    one_of("size", [size.value for size in CustomerSize]),
    belongs_to("parent_id", "customers"),
    *searchable(),
    Index(None, "tenant_id", "name_key", "id"),
    Index(None, "tenant_id", "parent_id"),
    owned=True,
)
customers.info["retired"] = frozenset({"phone", "email", "email_norm", "address"})
"""Columns of the version before, from which personal data is moved into the sealed one."""

CUSTOM_SLOTS = custom_slots_table("customer_custom_slots", METADATA, records="customers")
"""Indexed values of customers' custom fields."""

CUSTOM_CHOICES = custom_choices_table("customer_custom_choices", METADATA, records="customers")
"""Indexed choices of customers' custom fields that have several."""

CUSTOMER_KEYS = DuplicateKeys(
    record_keys_table("customer_keys", METADATA),
    {
        "phone": lambda customer: [phone.number for phone in customer.phones if phone.number],
        "email": lambda customer: [email_key(email.address) or "" for email in customer.emails],
    },
)
"""Finds customers by phone numbers (E.164), e-mail addresses (see ``email_key``), and likeness."""

CUSTOMER_REFS = ExternalRefs(
    external_refs_table("customer_refs", METADATA, column="customer_id", table="customers"),
    column="customer_id",
    what=NOUN,
)

PERSONAL = ("phone", "email", "address", "phones", "emails", "addresses", "identity_documents")
"""What a person can be recognised or reached by; companies' public registrations are none of it."""

CUSTOM = CustomPart("customers", customers, CUSTOM_SLOTS, CUSTOM_CHOICES, targets={"customers": customers})
"""Custom fields of customers."""

WORDS = (
    *("name", "name_latin", "short_name", "website", "source", "tags", "status_note", "external_refs"),
    *("registration_id", "registrations"),
)
"""What is searched and sorted by, and goes when a person is erased."""

CUSTOMERS = Aggregate(
    name="customer",
    plural="customers",
    what=NOUN,
    table=customers,
    state=Customer,
    snapshot=CustomerSnapshot,
    sort_by={"name": customers.c.name_key, "status": customers.c.status},
    derived={
        "name_key": lambda customer: name_key(customer.name),
    },
    trail=InTrail(WORDS),
    sealed=Sealed(
        members=PERSONAL,
        keys=CUSTOMER_KEYS,
        filters={
            "phone": FoundBy("phone", phone_form),
            "phones": FoundBy("phone", phone_form, many=True),
            "email": FoundBy("email", email_form),
            "emails": FoundBy("email", email_form, many=True),
        },
    ),
    custom=CUSTOM,
    search=Search({"name": "A", "name_latin": "A", "short_name": "A", "tags": "C"}, values=("phones", "emails")),
)


_UNTOLD: Mapping[str, Any] = {name: Customer.model_fields[name].get_default() for name in COMPARED} | {"name": ""}
"""What stands in the place of what a caller may not have compared."""


def _compared(caller: Caller, customer: Members) -> Members:
    """What of a customer a caller may have compared: what pool or field rules hide, nobody finds out by guessing."""
    hidden: set[str] = set(unseen_members(caller, CUSTOMERS.resource)) if caller.fields else set()
    if caller.visibility != "all" and customer.owner_id is None and customer.team_id is None:
        hidden.update(CONTACT_DATA)
    told = {name: value for name, value in _UNTOLD.items() if name in hidden}
    return Members(**(vars(customer) | told)) if told else customer


LIKES = Likes(CUSTOMERS, LookUp(CUSTOMER_KEYS.table), shown=_compared, asked=("owner_id", "team_id"))
"""Finds customers that may be the same as another."""

_SECRETS = {
    PoolSecret.REGISTRATIONS: ("registration_id", "registrations"),
    PoolSecret.WEBSITE: ("website",),
    PoolSecret.FIGURES: ("annual_revenue", "employees"),
    PoolSecret.TERMS: ("payment_terms_days", "credit_limit"),
    PoolSecret.EXTERNAL_REFS: ("external_refs",),
}


def _hides(secret: PoolSecret) -> Hides:
    def condition(source: FromClause) -> Condition:
        return and_(source.c.owner_id.is_(None), source.c.team_id.is_(None), pool_rules.hides(secret))

    return condition


def _veils() -> Iterable[tuple[str, Hides]]:
    for secret, members in _SECRETS.items():
        for member in members:
            yield member, _hides(secret)


FROM_THE_POOL = veiled(CUSTOMERS.resource, dict(_veils()), sealed=_hides(PoolSecret.CONTACT_DATA))
"""Customers as those see them who see some only because nobody owns them."""


def _has_key(kind: str) -> Condition:
    table = CUSTOMER_KEYS.table.c
    wanted = table.kind == literal(kind), table.key == bindparam(f"{kind}_key", type_=Uuid)
    return customers.c.id.in_(select(table.record_id).where(*wanted))


HAS_KEY = {kind: _has_key(kind) for kind in ("phone", "email")}
"""Customers that are found by a key of this kind, which is the parameter `<kind>_key`."""

IS_SHOWN = not_(_hides(PoolSecret.CONTACT_DATA)(customers))
"""Customers whose personal data is not hidden in the pool."""
