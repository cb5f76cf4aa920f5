"""Tables of what is kept of projects; all of it follows from their records, and can be made again at any time."""

from sqlalchemy import (
    ARRAY,
    CHAR,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_platform.db.schema import belongs_to, one_of, tenant_table
from project_svc.metadata import METADATA
from project_svc.monitoring.service import Health

AMOUNTS = ("bac", "pv", "ev", "ac", "eac", "risk_cost")
"""Money, in the currency of the row."""
INDICES = ("spi", "cpi", "schedule_spi", "percent_complete")

project_standings: Table = tenant_table(
    "project_standings",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("computed_at", DateTime(timezone=True), nullable=False),
    Column("stamp", Text, nullable=False),
    Column("health", Text, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("currency", CHAR(3), nullable=False),
    *(Column(name, Numeric(20, 4)) for name in AMOUNTS),
    Column("other_risk_costs", JSONB, nullable=False),
    *(Column(name, Numeric(20, 4)) for name in INDICES),
    Column("baseline_starts_at", DateTime(timezone=True)),
    Column("baseline_finishes_at", DateTime(timezone=True)),
    Column("planned_starts_at", DateTime(timezone=True)),
    Column("planned_finishes_at", DateTime(timezone=True)),
    Column("forecast_finishes_at", DateTime(timezone=True)),
    Column("milestone_id", Uuid),
    Column("milestone_at", DateTime(timezone=True)),
    Column("delivery_id", Uuid),
    Column("delivery_on", Date),
    *(Column(name, Integer, nullable=False) for name in ("open_risks", "exceeded_risks", "risk_score")),
    *(Column(name, Integer, nullable=False) for name in ("overdue_tasks", "overdue_deliveries", "open_issues")),
    one_of("health", [one.value for one in Health]),
    PrimaryKeyConstraint("tenant_id", "project_id"),
    belongs_to("project_id", "projects"),
)
"""One row for each project that was ever looked at; `stamp` tells the versions of the records that it was made of."""

resource_demands: Table = tenant_table(
    "resource_demands",
    METADATA,
    Column("task_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("minutes", ARRAY(Integer), nullable=False),
    PrimaryKeyConstraint("tenant_id", "task_id", "resource_id"),
    belongs_to("project_id", "projects"),
    belongs_to("resource_id", "resources"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "resource_id", "first_on"),
)
"""How many minutes a task needs a resource on each day from the first to the last, by its schedule."""
