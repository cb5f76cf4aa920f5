"""Table of the rules."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, UniqueConstraint

from crm_contracts.privacy.v1 import HoldRuleSnapshot
from crm_platform.db.schema import aggregate_table
from crm_platform.store import Aggregate
from customer_svc.hold_rules.domain import NOUN, HoldRule
from customer_svc.metadata import METADATA

hold_rules: Table = aggregate_table(
    "hold_rules",
    METADATA,
    Column("record", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("law", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("tenant_id", "record"),
)

HOLD_RULES = Aggregate(
    name="hold_rule",
    plural="hold-rules",
    what=NOUN,
    table=hold_rules,
    state=HoldRule,
    snapshot=HoldRuleSnapshot,
)
