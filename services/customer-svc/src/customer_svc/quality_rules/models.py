"""Table of the rules of data quality, and the fields that their expressions can read."""

from functools import lru_cache

from sqlalchemy import Boolean, Column, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.quality.v1 import QualityRuleSnapshot, Severity
from crm_platform.cel import Field, FieldMap, field_map
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from customer_svc.metadata import METADATA
from customer_svc.quality_rules.domain import NOUN, QualityRule
from customer_svc.segments import service as segments

quality_rules: Table = aggregate_table(
    "quality_rules",
    METADATA,
    Column("code", Text, nullable=False),
    Column("label", JSONB, nullable=False),
    Column("message", JSONB, nullable=False),
    Column("expression", Text, nullable=False),
    Column("applies_to", Text),
    Column("member", Text),
    Column("weight", Integer, nullable=False),
    Column("severity", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    one_of("severity", [severity.value for severity in Severity]),
    UniqueConstraint("tenant_id", "code"),
)

QUALITY_RULES = Aggregate(
    name="quality_rule",
    plural="quality-rules",
    what=NOUN,
    table=quality_rules,
    state=QualityRule,
    snapshot=QualityRuleSnapshot,
    sort_by={"code": quality_rules.c.code},
)

CONTACT_FIELDS = (
    "contact.phones",
    "contact.valid_phones",
    "contact.emails",
    "contact.valid_emails",
    "contact.addresses",
    "contact.complete_addresses",
    "contact.identity_documents",
    "contact.invalid_registrations",
)
"""Figures of what is sealed: expressions see how many there are, never what they are."""

SHARED = "contact.shared"
"""Whether another customer has the same phone number, e-mail address or company name."""

FIELDS: FieldMap = field_map(
    *segments.FIELDS.values(),
    *(Field(name, None, "int") for name in CONTACT_FIELDS),
    Field(SHARED, None, "bool"),
)
"""What rules can read: all that segments can, and figures of the personal data."""


@lru_cache(256)
def fields_with(custom: FieldSet) -> FieldMap:
    """What rules can read in a company with these custom fields."""
    return field_map(*FIELDS.values(), *custom.own) if custom.own else FIELDS
