"""Table of the schedules of deliveries."""

from sqlalchemy import ARRAY, Column, Date, Index, Integer, Table, Text, Uuid, text

from crm_contracts.delivery.v1 import DeliveryScheduleSnapshot, DeliveryScheduleStatus, Frequency
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.delivery_schedules.domain import NOUN, DeliverySchedule
from project_svc.metadata import METADATA

delivery_schedules: Table = aggregate_table(
    "delivery_schedules",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("acceptance_criteria", ARRAY(Text), nullable=False),
    Column("frequency", Text, nullable=False),
    Column("interval", Integer, nullable=False),
    Column("first_due_on", Date, nullable=False),
    Column("count", Integer),
    Column("until", Date),
    Column("lead_days", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("made", Integer, nullable=False),
    Column("next_due_on", Date),
    one_of("status", [status.value for status in DeliveryScheduleStatus]),
    one_of("frequency", [frequency.value for frequency in Frequency]),
    belongs_to("project_id", "projects"),
    Index("ix_delivery_schedules_active", "tenant_id", "project_id", postgresql_where=text("status = 'active'")),
    owned=True,
)

DELIVERY_SCHEDULES = Aggregate(
    name="delivery_schedule",
    plural="delivery-schedules",
    what=NOUN,
    table=delivery_schedules,
    state=DeliverySchedule,
    snapshot=DeliveryScheduleSnapshot,
)
