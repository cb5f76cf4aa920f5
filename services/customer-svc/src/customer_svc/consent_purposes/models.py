"""Table of the purposes."""

from sqlalchemy import ARRAY, Boolean, Column, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.privacy.v1 import LawfulBasis, PurposeSnapshot
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from customer_svc.consent_purposes.domain import NOUN, Purpose
from customer_svc.metadata import METADATA

consent_purposes: Table = aggregate_table(
    "consent_purposes",
    METADATA,
    Column("code", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("double_opt_in", Boolean, nullable=False),
    Column("valid_days", Integer),
    Column("texts", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    one_of("basis", [basis.value for basis in LawfulBasis]),
    UniqueConstraint("tenant_id", "code"),
)

CONSENT_PURPOSES = Aggregate(
    name="consent_purpose",
    plural="consent-purposes",
    what=NOUN,
    table=consent_purposes,
    state=Purpose,
    snapshot=PurposeSnapshot,
    sort_by={"code": consent_purposes.c.code},
    default_sort="code",
)
