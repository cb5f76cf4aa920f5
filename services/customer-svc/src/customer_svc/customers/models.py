"""Table of the customers, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Column, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.customer.v1 import CustomerGrade, CustomerKind, CustomerSnapshot, CustomerStatus
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.store import Aggregate
from customer_svc.customers.domain import NOUN, Customer, email_key, name_key
from customer_svc.metadata import METADATA

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
    one_of("kind", [kind.value for kind in CustomerKind]),
    one_of("status", [status.value for status in CustomerStatus]),
    one_of("grade", [grade.value for grade in CustomerGrade]),
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
