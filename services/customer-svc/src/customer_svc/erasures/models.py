"""Table of the erasures."""

from sqlalchemy import Boolean, Column, DateTime, Index, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.privacy.v1 import ErasureSnapshot, ErasureStatus
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from customer_svc.erasures.domain import NOUN, Erasure
from customer_svc.metadata import METADATA

erasures: Table = aggregate_table(
    "erasures",
    METADATA,
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("basis", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("reference", Text),
    Column("status", Text, nullable=False),
    Column("holds", JSONB, nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("deadline", DateTime(timezone=True), nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    one_of("status", [status.value for status in ErasureStatus]),
    UniqueConstraint("tenant_id", "subject_id"),
    Index("ix_erasures_running", "tenant_id", "deadline", postgresql_where=text("status = 'running'")),
)

ERASURES = Aggregate(
    name="erasure",
    plural="erasures",
    what=NOUN,
    table=erasures,
    state=Erasure,
    snapshot=ErasureSnapshot,
    sort_by={"deadline": erasures.c.deadline},
)
