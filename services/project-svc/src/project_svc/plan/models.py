"""Tables of plans, tasks and assignments, and how they are shown, filtered and sorted."""

from sqlalchemy import (
    CHAR,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.plan.v1 import ConstraintKind, PlanSnapshot, TaskKind, TaskSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of, tenant_table
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.plan.domain import PLAN, TASK, Plan, Task

plans: Table = aggregate_table(
    "plans",
    METADATA,
    Column("revision", Integer, nullable=False),
    Column("calendar_id", Uuid),
    Column("currency", CHAR(3), nullable=False),
    Column("status_at", DateTime(timezone=True)),
    Column("task_count", Integer, nullable=False),
    Column("starts_at", DateTime(timezone=True)),
    Column("finishes_at", DateTime(timezone=True)),
    belongs_to("id", "projects"),
    belongs_to("calendar_id", "work_calendars"),
    owned=True,
)
"""One for each project whose plan was ever edited; whoever edits it holds the lock of the project's row."""

tasks: Table = aggregate_table(
    "tasks",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("parent_id", Uuid),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("wbs_code", Text),
    Column("kind", Text, nullable=False),
    Column("duration", Integer, nullable=False),
    Column("effort", Integer),
    Column("effort_driven", Boolean, nullable=False),
    Column("estimate", JSONB),
    Column("constraint_kind", Text, nullable=False),
    Column("constraint_at", DateTime(timezone=True)),
    Column("deadline", DateTime(timezone=True)),
    Column("calendar_id", Uuid),
    *money_columns("fixed_cost"),
    Column("priority", Integer, nullable=False),
    Column("predecessors", JSONB, nullable=False),
    Column("assignments", JSONB, nullable=False),
    Column("percent_complete", Integer, nullable=False),
    Column("actual_start", DateTime(timezone=True)),
    Column("actual_finish", DateTime(timezone=True)),
    Column("remaining", Integer),
    Column("external_id", Text),
    Column("earning", JSONB),
    one_of("kind", [kind.value for kind in TaskKind]),
    one_of("constraint_kind", [kind.value for kind in ConstraintKind]),
    CheckConstraint("percent_complete BETWEEN 0 AND 100", name="percent_complete"),
    CheckConstraint("duration >= 0 AND effort >= 0 AND remaining >= 0", name="times"),
    belongs_to("project_id", "projects"),
    belongs_to("calendar_id", "work_calendars"),
    Index(None, "tenant_id", "project_id", "id"),
    owned=True,
)
"""Parents and predecessors are tasks of the same plan, which whoever edits it sees to."""

task_assignments: Table = tenant_table(
    "task_assignments",
    METADATA,
    Column("task_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("project_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "task_id", "resource_id"),
    belongs_to("task_id", "tasks"),
    belongs_to("resource_id", "resources"),
    Index(None, "tenant_id", "resource_id", "task_id"),
)
"""Which tasks need which resources: what the tasks themselves say in ``assignments``, to be found from both sides."""

PLANS = Aggregate(
    name="plan",
    plural="plans",
    what=PLAN,
    table=plans,
    state=Plan,
    snapshot=PlanSnapshot,
)

TASKS = Aggregate(
    name="task",
    plural="tasks",
    what=TASK,
    table=tasks,
    state=Task,
    snapshot=TaskSnapshot,
    sort_by={"name": tasks.c.name},
)
