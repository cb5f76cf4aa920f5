"""Tables of the baselines and their tasks, and how they are shown, filtered and sorted."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from crm_contracts.plan.v1 import BaselineSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, tenant_table
from crm_platform.store import Aggregate
from project_svc.baselines.domain import NOUN, Baseline
from project_svc.metadata import METADATA

baselines: Table = aggregate_table(
    "baselines",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("plan_revision", Integer, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("finishes_at", DateTime(timezone=True), nullable=False),
    Column("work", BigInteger, nullable=False),
    *money_columns("cost", nullable=False),
    Column("task_count", Integer, nullable=False),
    Column("change_request_id", Uuid),
    Column("external_id", Text),
    belongs_to("project_id", "projects"),
    UniqueConstraint("tenant_id", "project_id", "number"),
    owned=True,
)

baseline_tasks: Table = tenant_table(
    "baseline_tasks",
    METADATA,
    Column("baseline_id", Uuid, nullable=False),
    Column("task_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("finishes_at", DateTime(timezone=True), nullable=False),
    Column("work", Integer, nullable=False),
    Column("cost", Numeric(20, 4), nullable=False),
    Column("critical", Boolean, nullable=False),
    Column("fixed_cost", Numeric(20, 4)),
    Column("effort", Integer),
    PrimaryKeyConstraint("tenant_id", "baseline_id", "task_id"),
    belongs_to("baseline_id", "baselines"),
    Index(None, "tenant_id", "task_id"),
)
"""What a baseline keeps of the tasks without children; these may since have been removed from the plan."""

BASELINES = Aggregate(
    name="baseline",
    plural="baselines",
    what=NOUN,
    table=baselines,
    state=Baseline,
    snapshot=BaselineSnapshot,
    sort_by={"number": baselines.c.number},
    default_sort="-number",
)
