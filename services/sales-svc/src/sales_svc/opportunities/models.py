"""Table of the opportunities, and how they are shown, filtered and sorted."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.sales.v1 import OpportunitySnapshot, OpportunityStage
from crm_platform.aggregate import AggregateSpec
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.reads.resource import Represent, represent_state
from crm_platform.store import Aggregate
from sales_svc.known_customers.service import is_known
from sales_svc.metadata import METADATA
from sales_svc.opportunities.domain import NOUN, Opportunity

opportunities: Table = aggregate_table(
    "opportunities",
    METADATA,
    Column("name", Text, nullable=False),
    Column("customer_id", Uuid, comment="A customer's id in customer-svc; it may not have arrived here yet."),
    Column("product_id", Uuid),
    Column("stage", Text, nullable=False),
    *money_columns("value"),
    Column("engaged_on", Date),
    Column("expected_close_on", Date),
    Column("closed_on", Date),
    Column("lost_reason", Text),
    Column("external_refs", JSONB, nullable=False),
    one_of("stage", [stage.value for stage in OpportunityStage]),
    CheckConstraint("value_amount >= 0", name="value"),
    CheckConstraint("(engaged_on IS NULL) = (stage = 'prospecting')", name="engaged_on"),
    CheckConstraint("(closed_on IS NULL) = (stage IN ('prospecting', 'engaging'))", name="closed_on"),
    CheckConstraint("closed_on >= engaged_on", name="dates"),
    CheckConstraint("stage <> 'won' OR (customer_id IS NOT NULL AND value_amount IS NOT NULL)", name="won"),
    belongs_to("product_id", "products"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "product_id"),
    Index(None, "tenant_id", "stage", "id"),
    Index(None, "tenant_id", "name", "id"),
    owned=True,
)

OPPORTUNITY_REFS = ExternalRefs(
    external_refs_table("opportunity_refs", METADATA, column="opportunity_id", table="opportunities"),
    column="opportunity_id",
    what=NOUN,
)


def _represent(spec: AggregateSpec[Any]) -> Represent:
    return represent_state(spec, customer_known=lambda source: is_known(source.c.customer_id))


OPPORTUNITIES = Aggregate(
    name="opportunity",
    plural="opportunities",
    what=NOUN,
    table=opportunities,
    state=Opportunity,
    snapshot=OpportunitySnapshot,
    sort_by={"name": opportunities.c.name, "stage": opportunities.c.stage},
    represent=_represent,
)
