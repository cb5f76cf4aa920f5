"""Table of the progress reports, and how they are shown, filtered and sorted."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, Text, Uuid

from crm_contracts.execution.v1 import ProgressReportSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.progress.domain import NOUN, ProgressReport

progress_reports: Table = aggregate_table(
    "progress_reports",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("task_id", Uuid, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("percent_complete", Integer, nullable=False),
    Column("actual_start", DateTime(timezone=True)),
    Column("actual_finish", DateTime(timezone=True)),
    Column("remaining", Integer),
    Column("note", Text),
    CheckConstraint("percent_complete BETWEEN 0 AND 100", name="percent_complete"),
    CheckConstraint("remaining >= 0", name="remaining"),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id", "as_of"),
    Index(None, "tenant_id", "task_id", "as_of"),
    owned=True,
)
"""Reports of a task outlive it: baselines still know it."""

PROGRESS_REPORTS = Aggregate(
    name="progress_report",
    plural="progress-reports",
    what=NOUN,
    table=progress_reports,
    state=ProgressReport,
    snapshot=ProgressReportSnapshot,
    sort_by={"as_of": progress_reports.c.as_of},
)
