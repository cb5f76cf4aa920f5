"""Table of the deliveries, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Index, Integer, Table, Text, Uuid

from crm_contracts.project.v1 import DeliverySnapshot, DeliveryStatus
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.deliveries.domain import NOUN, Delivery
from project_svc.metadata import METADATA

deliveries: Table = aggregate_table(
    "deliveries",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("acceptance_criteria", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("submissions", Integer, nullable=False),
    Column("submitted_at", DateTime(timezone=True)),
    Column("accepted_at", DateTime(timezone=True)),
    Column("accepted_by", Text),
    Column("on_time", Boolean),
    Column("rejection_reason", Text),
    Column("cancellation_reason", Text),
    Column("requirement_id", Uuid),
    Column("hand_over", Integer),
    one_of("status", [status.value for status in DeliveryStatus]),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "due_on", "id"),
    owned=True,
)

DELIVERIES = Aggregate(
    name="delivery",
    plural="deliveries",
    what=NOUN,
    table=deliveries,
    state=Delivery,
    snapshot=DeliverySnapshot,
    sort_by={"due_on": deliveries.c.due_on},
)
