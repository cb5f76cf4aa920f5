"""Table of the deliveries, and how they are shown, filtered and sorted."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.project.v1 import DeliverySnapshot, DeliveryStatus
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.deliveries.domain import NOUN, Delivery
from project_svc.metadata import METADATA

_NONE = text("'[]'::jsonb")

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
    Column("criteria", JSONB, nullable=False, server_default=_NONE),
    Column("versions", JSONB, nullable=False, server_default=_NONE),
    Column("open_points", JSONB, nullable=False, server_default=_NONE),
    Column("deemed_acceptance", JSONB),
    Column("deemed_on", Date, comment="Set while it is submitted, where silence is acceptance."),
    Column("part_of", Uuid),
    Column("schedule_id", Uuid),
    Column("occurrence", Integer),
    one_of("status", [status.value for status in DeliveryStatus]),
    belongs_to("project_id", "projects"),
    Index("ix_deliveries_part_of", "tenant_id", "part_of", postgresql_where=text("part_of IS NOT NULL")),
    Index("ix_deliveries_occurrence", "tenant_id", "schedule_id", "occurrence", unique=True),
    Index("ix_deliveries_deemed_on", "tenant_id", "deemed_on", postgresql_where=text("deemed_on IS NOT NULL")),
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
