"""Table of the rules of communications."""

from sqlalchemy import Boolean, Column, Index, Table, Text

from crm_contracts.communication.v1 import CommunicationKind, CommunicationRuleSnapshot
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from customer_svc.communication_rules.domain import NOUN, CommunicationRule
from customer_svc.metadata import METADATA

communication_rules: Table = aggregate_table(
    "communication_rules",
    METADATA,
    Column("kind", Text, comment="NULL for communications whose kind has no rule of its own."),
    Column("seal_contents", Boolean, nullable=False),
    one_of("kind", [kind.value for kind in CommunicationKind]),
    Index("uq_communication_rules_kind", "tenant_id", "kind", unique=True, postgresql_nulls_not_distinct=True),
)

COMMUNICATION_RULES = Aggregate(
    name="communication_rule",
    plural="communication-rules",
    what=NOUN,
    table=communication_rules,
    state=CommunicationRule,
    snapshot=CommunicationRuleSnapshot,
)
