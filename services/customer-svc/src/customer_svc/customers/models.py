"""Table of the customers, and how they are shown, filtered and sorted."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, Index, Integer, Table, Text, Uuid, and_, text
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
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.reads.veil import Condition, Hides, veiled
from crm_platform.store import Aggregate
from customer_svc.customers.domain import NOUN, Customer
from customer_svc.metadata import METADATA
from customer_svc.pool_rules import service as pool_rules
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
    Column("owner_since", DateTime(timezone=True)),
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

_SECRETS = {
    PoolSecret.CONTACT_DATA: ("phone", "phones", "email", "emails", "address", "addresses", "identity_documents"),
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


FROM_THE_POOL = veiled(CUSTOMERS.resource, dict(_veils()))
"""Customers as those see them who see some only because nobody owns them."""
