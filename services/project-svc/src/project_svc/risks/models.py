"""Table of the risks, and how they are shown, filtered and sorted."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.project.v1 import RiskCategory, RiskSnapshot, RiskStatus
from crm_contracts.risk.v1 import ResponseStrategy, RiskLevel
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.risks.domain import NOUN, Risk

_LEVELS = [level.value for level in RiskLevel]

risks: Table = aggregate_table(
    "risks",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("probability", Integer, nullable=False),
    Column("impact", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("exceeded", Boolean, nullable=False),
    Column("response", Text),
    Column("status", Text, nullable=False),
    Column("level", Text, nullable=False, server_default=text("'low'")),
    Column("strategy", Text),
    Column("actions", JSONB, nullable=False, server_default=text("'[]'")),
    Column("residual_probability", Integer),
    Column("residual_impact", Integer),
    Column("residual_score", Integer),
    Column("residual_level", Text),
    Column("likelihood_percent", Integer),
    Column("cost_impact", JSONB),
    Column("delay_impact", JSONB),
    Column("task_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    *money_columns("expected_cost"),
    Column("rule_id", Uuid),
    Column("close_suggested", Boolean, nullable=False, server_default=text("false")),
    Column("struck", Boolean),
    one_of("category", [category.value for category in RiskCategory]),
    one_of("status", [status.value for status in RiskStatus]),
    one_of("level", _LEVELS),
    one_of("residual_level", _LEVELS),
    one_of("strategy", [strategy.value for strategy in ResponseStrategy]),
    CheckConstraint("probability BETWEEN 1 AND 7 AND impact BETWEEN 1 AND 7", name="scales"),
    CheckConstraint("score = probability * impact", name="score"),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "score", "id"),
    Index(
        "uq_risks_of_rules",
        "tenant_id",
        "project_id",
        "rule_id",
        unique=True,
        postgresql_where=literal_column("rule_id IS NOT NULL AND status <> 'closed'"),
    ),
    owned=True,
)

RISKS = Aggregate(
    name="risk",
    plural="risks",
    what=NOUN,
    table=risks,
    state=Risk,
    snapshot=RiskSnapshot,
    sort_by={"score": risks.c.score},
)
