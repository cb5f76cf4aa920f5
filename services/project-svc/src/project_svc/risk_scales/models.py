"""Table of the scales, one of each company."""

from sqlalchemy import CheckConstraint, Column, Integer, Table
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.risk.v1 import RiskScaleSnapshot
from crm_platform.db.schema import aggregate_table
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.risk_scales.domain import NOUN, RiskScale

risk_scales: Table = aggregate_table(
    "risk_scales",
    METADATA,
    Column("probabilities", JSONB, nullable=False),
    Column("impacts", JSONB, nullable=False),
    Column("medium_from", Integer, nullable=False),
    Column("high_from", Integer, nullable=False),
    Column("critical_from", Integer, nullable=False),
    CheckConstraint("id = tenant_id", name="one"),
    CheckConstraint("1 < medium_from AND medium_from < high_from AND high_from < critical_from", name="bounds"),
)

RISK_SCALES = Aggregate(
    name="risk_scale",
    plural="risk-scales",
    what=NOUN,
    table=risk_scales,
    state=RiskScale,
    snapshot=RiskScaleSnapshot,
)
"""The id of a scale is that of its company, so that there is but one."""
