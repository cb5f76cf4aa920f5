"""Table of the customers, and how they are shown, filtered and sorted."""

from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.customer.v1 import CustomerGrade, CustomerKind, CustomerSize, CustomerSnapshot, CustomerStatus
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.store import Aggregate
from customer_svc.customers.domain import NOUN, Customer
from customer_svc.metadata import METADATA
from customer_svc.values.emails import email_key
from customer_svc.values.names import name_key


def _list_column(name: str) -> Column[Any]:
    return Column(name, JSONB, nullable=False, server_default=text("'[]'::jsonb"))


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
    Column("phone", Text),
    Column("email", Text),
    Column("email_norm", Text),
    Column("website", Text),
    Column("address", JSONB),
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
    *map(_list_column, ("phones", "emails", "addresses", "registrations", "identity_documents")),
    one_of("kind", [kind.value for kind in CustomerKind]),
    one_of("status", [status.value for status in CustomerStatus]),
    one_of("grade", [grade.value for grade in CustomerGrade]),
    one_of("size", [size.value for size in CustomerSize]),
    belongs_to("parent_id", "customers"),
    Index(None, "tenant_id", "name_key", "id"),
    Index(None, "tenant_id", "email_norm"),
    Index(None, "tenant_id", "parent_id"),
    owned=True,
)

CUSTOMER_REFS = ExternalRefs(
    external_refs_table("customer_refs", METADATA, column="customer_id", table="customers"),
    column="customer_id",
    what=NOUN,
)

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
        "email_norm": lambda customer: email_key(customer.email),
    },
)
