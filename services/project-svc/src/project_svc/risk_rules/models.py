"""Table of the rules, and the figures that their expressions can read."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.project.v1 import RiskCategory
from crm_contracts.risk.v1 import RiskRuleSnapshot
from crm_platform.cel import Field, FieldMap, field_map
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.risk_rules.domain import NOUN, RiskRule

PERFORMANCE = ("spi", "cpi", "schedule_spi", "percent_complete", "percent_spent")
"""What earned value says of a project that has a baseline; null of others."""

risk_rules: Table = aggregate_table(
    "risk_rules",
    METADATA,
    Column("code", Text, nullable=False),
    Column("title", JSONB, nullable=False),
    Column("category", Text, nullable=False),
    Column("expression", Text, nullable=False),
    Column("probability", Integer, nullable=False),
    Column("impact", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    one_of("category", [category.value for category in RiskCategory]),
    one_of("language", ["en", "zh"]),
    UniqueConstraint("tenant_id", "code"),
)

RISK_RULES = Aggregate(
    name="risk_rule",
    plural="risk-rules",
    what=NOUN,
    table=risk_rules,
    state=RiskRule,
    snapshot=RiskRuleSnapshot,
    sort_by={"code": risk_rules.c.code},
)

FIELDS: FieldMap = field_map(
    Field("project.days_overdue", None, "int"),
    Field("project.days_left", None, "int"),
    Field("deliveries.open", None, "int"),
    Field("deliveries.overdue", None, "int"),
    Field("requirements.handed_over_30d", None, "int"),
    Field("risks.open", None, "int"),
    Field("risks.exceeded", None, "int"),
    Field("risks.score", None, "int"),
    *(Field(f"performance.{name}", None, "decimal") for name in PERFORMANCE),
    Field("issues.open", None, "int"),
    Field("issues.critical", None, "int"),
    Field("people.overloaded", None, "int"),
    Field("people.hours_over_capacity", None, "decimal"),
)
"""The figures of a project; see :class:`project_svc.risk_rules.schemas.RiskRuleCreate` for their meanings."""
