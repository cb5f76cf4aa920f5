"""Table of the rules, one of each company."""

from sqlalchemy import Boolean, CheckConstraint, Column, Table

from crm_contracts.closing.v1 import ClosingRuleSnapshot
from crm_platform.db.schema import aggregate_table
from crm_platform.store import Aggregate
from project_svc.closing_rules.domain import NOUN, ClosingRule
from project_svc.metadata import METADATA

closing_rules: Table = aggregate_table(
    "closing_rules",
    METADATA,
    Column("report_required", Boolean, nullable=False),
    CheckConstraint("id = tenant_id", name="one"),
)

CLOSING_RULES = Aggregate(
    name="closing_rule",
    plural="closing-rules",
    what=NOUN,
    table=closing_rules,
    state=ClosingRule,
    snapshot=ClosingRuleSnapshot,
)
"""The id of a rule is that of its company, so that there is but one."""
