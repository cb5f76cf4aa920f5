"""Table of the quality gates, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Boolean, Column, Date, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.control.v1 import GateKind, GateStatus, QualityGateSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.quality_gates.domain import NOUN, QualityGate

quality_gates: Table = aggregate_table(
    "quality_gates",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("mandatory", Boolean, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("task_id", Uuid),
    Column("delivery_id", Uuid),
    Column("reviewer_ids", ARRAY(Uuid), nullable=False),
    Column("checklist", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("reviews", JSONB, nullable=False),
    one_of("kind", [kind.value for kind in GateKind]),
    one_of("status", [status.value for status in GateStatus]),
    belongs_to("project_id", "projects"),
    belongs_to("delivery_id", "deliveries"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "planned_on", "id"),
    owned=True,
)

QUALITY_GATES = Aggregate(
    name="quality_gate",
    plural="quality-gates",
    what=NOUN,
    table=quality_gates,
    state=QualityGate,
    snapshot=QualityGateSnapshot,
    sort_by={"planned_on": quality_gates.c.planned_on},
)
