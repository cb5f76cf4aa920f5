"""Tables of facts: the newest state of every record that figures are made of."""

from sqlalchemy import CHAR, Boolean, Column, Date, DateTime, Index, Integer, Numeric, Table, Text, Uuid

from analytics_svc.metadata import METADATA
from crm_contracts.customer.v1 import CustomerDeleted
from crm_contracts.identity.v1 import TeamDeleted
from crm_platform.projection import Projection, projection_table


def _money(name: str) -> tuple[Column[object], Column[object]]:
    return Column(f"{name}_amount", Numeric(20, 4)), Column(f"{name}_currency", CHAR(3))


def _ownership() -> tuple[Column[object], Column[object]]:
    return Column("owner_id", Uuid), Column("team_id", Uuid)


customers: Table = projection_table(
    "customers",
    METADATA,
    *_ownership(),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("industry", Text),
)

people: Table = projection_table("people", METADATA, Column("name", Text, nullable=False), Column("team_id", Uuid))

teams: Table = projection_table("teams", METADATA, Column("name", Text, nullable=False), Column("parent_id", Uuid))

products: Table = projection_table(
    "products", METADATA, Column("code", Text, nullable=False), Column("name", Text, nullable=False)
)

opportunities: Table = projection_table(
    "opportunities",
    METADATA,
    *_ownership(),
    Column("customer_id", Uuid),
    Column("product_id", Uuid),
    Column("stage", Text, nullable=False),
    *_money("value"),
    Column("engaged_on", Date),
    Column("closed_on", Date),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "stage", "owner_id"),
)

orders: Table = projection_table(
    "orders",
    METADATA,
    *_ownership(),
    Column("customer_id", Uuid, nullable=False),
    Column("ordered_on", Date, nullable=False),
    *_money("total"),
    *_money("paid"),
    Column("status", Text, nullable=False),
    Index(None, "tenant_id", "customer_id"),
)

projects: Table = projection_table(
    "projects",
    METADATA,
    *_ownership(),
    Column("customer_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Index(None, "tenant_id", "customer_id"),
)

deliveries: Table = projection_table(
    "deliveries",
    METADATA,
    *_ownership(),
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("submissions", Integer, nullable=False),
    Column("accepted_at", DateTime(timezone=True)),
    Column("on_time", Boolean),
    Index(None, "tenant_id", "customer_id"),
)

risks: Table = projection_table(
    "risks",
    METADATA,
    *_ownership(),
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("category", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("exceeded", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Index(None, "tenant_id", "customer_id"),
)

tickets: Table = projection_table(
    "tickets",
    METADATA,
    *_ownership(),
    Column("customer_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
    Index(None, "tenant_id", "customer_id"),
)

surveys: Table = projection_table(
    "surveys",
    METADATA,
    *_ownership(),
    Column("customer_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("score", Integer),
    Column("answered_at", DateTime(timezone=True)),
    Index(None, "tenant_id", "customer_id"),
)

CUSTOMERS = Projection(customers, gone=CustomerDeleted)
PEOPLE = Projection(people)
TEAMS = Projection(teams, gone=TeamDeleted)
PRODUCTS = Projection(products)
OPPORTUNITIES = Projection(opportunities)
ORDERS = Projection(orders)
PROJECTS = Projection(projects)
DELIVERIES = Projection(deliveries)
RISKS = Projection(risks)
TICKETS = Projection(tickets)
SURVEYS = Projection(surveys)
