"""Tables of the closing reports and of what they say."""

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.closing.v1 import ClosingReportSnapshot, ClosingReportStatus
from crm_platform.db.schema import aggregate_table, belongs_to, one_of, tenant_table
from crm_platform.store import Aggregate
from project_svc.closing_reports.domain import NOUN, ClosingReport
from project_svc.metadata import METADATA

closing_reports: Table = aggregate_table(
    "closing_reports",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("summary", Text, nullable=False),
    Column("verdicts", JSONB, nullable=False),
    Column("signatures", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True)),
    one_of("status", [status.value for status in ClosingReportStatus]),
    belongs_to("project_id", "projects"),
    UniqueConstraint("tenant_id", "project_id", "number"),
    Index(
        "uq_closing_reports_in_review",
        "tenant_id",
        "project_id",
        unique=True,
        postgresql_where=literal_column("status = 'in_review'"),
    ),
    owned=True,
)

closing_report_contents: Table = tenant_table(
    "closing_report_contents",
    METADATA,
    Column("report_id", Uuid, nullable=False),
    Column("content", Text, nullable=False, comment="JSON, byte for byte as its digest was taken."),
    PrimaryKeyConstraint("tenant_id", "report_id"),
    belongs_to("report_id", "closing_reports"),
)

CLOSING_REPORTS = Aggregate(
    name="closing_report",
    plural="closing-reports",
    what=NOUN,
    table=closing_reports,
    state=ClosingReport,
    snapshot=ClosingReportSnapshot,
)
