"""Table of the surveys, and how they are shown, filtered and sorted."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, Text, UniqueConstraint, Uuid

from crm_contracts.service_desk.v1 import SurveySnapshot, SurveyStatus
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.store import Aggregate
from service_desk_svc.metadata import METADATA
from service_desk_svc.surveys.domain import NOUN, Survey

surveys: Table = aggregate_table(
    "surveys",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("project_id", Uuid),
    Column("delivery_id", Uuid),
    Column("status", Text, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("score", Integer),
    Column("comment", Text),
    one_of("status", [status.value for status in SurveyStatus]),
    CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    CheckConstraint("(status = 'answered') = (score IS NOT NULL)", name="answered"),
    UniqueConstraint("tenant_id", "delivery_id"),
    Index(None, "tenant_id", "customer_id", "sent_at", "id"),
    owned=True,
)

SURVEYS = Aggregate(
    name="survey",
    plural="surveys",
    what=NOUN,
    table=surveys,
    state=Survey,
    snapshot=SurveySnapshot,
    sort_by={"sent_at": surveys.c.sent_at},
)
