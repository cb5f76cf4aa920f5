"""Table of the after-sales periods, and how they are shown, filtered and sorted."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, UniqueConstraint, Uuid

from crm_contracts.service_desk.v1 import ServicePeriodSnapshot
from crm_platform.db.schema import aggregate_table
from crm_platform.store import Aggregate
from service_desk_svc.metadata import METADATA
from service_desk_svc.service_periods.domain import NOUN, ServicePeriod

service_periods: Table = aggregate_table(
    "service_periods",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    CheckConstraint("starts_on <= ends_on", name="order"),
    UniqueConstraint("tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id", "ends_on"),
    owned=True,
)

SERVICE_PERIODS = Aggregate(
    name="service_period",
    plural="service-periods",
    what=NOUN,
    table=service_periods,
    state=ServicePeriod,
    snapshot=ServicePeriodSnapshot,
    sort_by={"ends_on": service_periods.c.ends_on},
)
