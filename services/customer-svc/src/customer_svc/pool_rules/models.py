"""Table of the pool's rules."""

from sqlalchemy import ARRAY, Column, Index, Integer, Table, Text, Uuid

from crm_contracts.customer.v1 import PoolRuleSnapshot
from crm_platform.db.schema import aggregate_table
from crm_platform.store import Aggregate
from customer_svc.metadata import METADATA
from customer_svc.pool_rules.domain import NOUN, PoolRule

pool_rules: Table = aggregate_table(
    "pool_rules",
    METADATA,
    Column("team_id", Uuid, comment="NULL for everybody whose team has no rule of its own."),
    Column("max_owned", Integer),
    Column("max_claims_per_day", Integer),
    Column("time_zone", Text, nullable=False),
    Column("return_after_days", Integer),
    Column("return_statuses", ARRAY(Text), nullable=False),
    Column("hidden", ARRAY(Text), comment="NULL for what is hidden by default."),
    Index("uq_pool_rules_team", "tenant_id", "team_id", unique=True, postgresql_nulls_not_distinct=True),
)

POOL_RULES = Aggregate(
    name="pool_rule",
    plural="pool-rules",
    what=NOUN,
    table=pool_rules,
    state=PoolRule,
    snapshot=PoolRuleSnapshot,
)
