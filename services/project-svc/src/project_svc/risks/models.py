"""Table of the risks, and how they are shown, filtered and sorted."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, Text, Uuid

from crm_contracts.project.v1 import RiskCategory, RiskSnapshot, RiskStatus
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.risks.domain import NOUN, Risk

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
    one_of("category", [category.value for category in RiskCategory]),
    one_of("status", [status.value for status in RiskStatus]),
    CheckConstraint("probability BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name="scales"),
    CheckConstraint("score = probability * impact", name="score"),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "score", "id"),
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
