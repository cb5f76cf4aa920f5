"""Table of the rules about duplicates."""

from sqlalchemy import Column, Index, Integer, Table, Text

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.duplicate.v1 import DuplicateRuleSnapshot, RefuseFrom
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from customer_svc.duplicate_rules.domain import NOUN, DuplicateRule
from customer_svc.metadata import METADATA

duplicate_rules: Table = aggregate_table(
    "duplicate_rules",
    METADATA,
    Column("kind", Text, comment="NULL for customers whose kind has no rule of its own."),
    Column("likely", Integer, nullable=False),
    Column("possible", Integer, nullable=False),
    Column("refuse_from", Text, nullable=False),
    one_of("kind", [kind.value for kind in CustomerKind]),
    one_of("refuse_from", [verdict.value for verdict in RefuseFrom]),
    Index("uq_duplicate_rules_kind", "tenant_id", "kind", unique=True, postgresql_nulls_not_distinct=True),
)

DUPLICATE_RULES = Aggregate(
    name="duplicate_rule",
    plural="duplicate-rules",
    what=NOUN,
    table=duplicate_rules,
    state=DuplicateRule,
    snapshot=DuplicateRuleSnapshot,
)
