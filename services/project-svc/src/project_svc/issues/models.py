"""Table of the issues, and how they are shown, filtered and sorted."""

from sqlalchemy import Column, Date, DateTime, Index, Integer, Table, Text, Uuid

from crm_contracts.execution.v1 import IssueKind, IssueSeverity, IssueSnapshot, IssueStatus
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.issues.domain import NOUN, Issue
from project_svc.metadata import METADATA

issues: Table = aggregate_table(
    "issues",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("task_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("severity", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("assignee_id", Uuid),
    Column("due_on", Date),
    Column("resolution", Text),
    Column("reopened", Integer, nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
    one_of("kind", [kind.value for kind in IssueKind]),
    one_of("severity", [severity.value for severity in IssueSeverity]),
    one_of("status", [status.value for status in IssueStatus]),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id", "status"),
    owned=True,
)

ISSUES = Aggregate(
    name="issue",
    plural="issues",
    what=NOUN,
    table=issues,
    state=Issue,
    snapshot=IssueSnapshot,
    sort_by={"title": issues.c.title},
)
