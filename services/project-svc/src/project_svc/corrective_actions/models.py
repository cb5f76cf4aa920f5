"""Table of the corrective actions, and how they are shown, filtered and sorted."""

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Table, Text, Uuid

from crm_contracts.control.v1 import (
    ActionKind,
    ActionSource,
    ActionStatus,
    CorrectiveActionSnapshot,
)
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.corrective_actions.domain import NOUN, CorrectiveAction
from project_svc.metadata import METADATA

corrective_actions: Table = aggregate_table(
    "corrective_actions",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("source", Text, nullable=False),
    Column("source_id", Uuid),
    Column("due_on", Date, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("done_at", DateTime(timezone=True)),
    Column("verified_at", DateTime(timezone=True)),
    Column("verified_by", Text),
    one_of("kind", [kind.value for kind in ActionKind]),
    one_of("source", [source.value for source in ActionSource]),
    one_of("status", [status.value for status in ActionStatus]),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "due_on", "id"),
    owned=True,
)

CORRECTIVE_ACTIONS = Aggregate(
    name="corrective_action",
    plural="corrective-actions",
    what=NOUN,
    table=corrective_actions,
    state=CorrectiveAction,
    snapshot=CorrectiveActionSnapshot,
    sort_by={"due_on": corrective_actions.c.due_on},
)
