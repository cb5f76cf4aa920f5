"""Table of the actual costs, and how they are shown, filtered and sorted."""

from sqlalchemy import Column, Date, Index, Integer, Table, Text, UniqueConstraint, Uuid

from crm_contracts.execution.v1 import CostSource, ProjectCostSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.store import Aggregate
from project_svc.costs.domain import NOUN, ProjectCost
from project_svc.metadata import METADATA

project_costs: Table = aggregate_table(
    "project_costs",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("task_id", Uuid),
    Column("source", Text, nullable=False),
    Column("source_ref", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("incurred_on", Date, nullable=False),
    *money_columns("amount", nullable=False),
    Column("minutes", Integer),
    Column("description", Text),
    one_of("source", [source.value for source in CostSource]),
    belongs_to("project_id", "projects"),
    UniqueConstraint("tenant_id", "source", "source_ref"),
    Index(None, "tenant_id", "project_id", "incurred_on"),
    owned=True,
)
"""A task that a cost was for may since have been removed from the plan."""

PROJECT_COSTS = Aggregate(
    name="project_cost",
    plural="project-costs",
    what=NOUN,
    table=project_costs,
    state=ProjectCost,
    snapshot=ProjectCostSnapshot,
    sort_by={"incurred_on": project_costs.c.incurred_on},
)
