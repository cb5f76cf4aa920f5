"""Table of the requirements, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Column, Date, DateTime, Index, Integer, Table, Text, UniqueConstraint, Uuid

from crm_contracts.requirement.v1 import (
    RequirementKind,
    RequirementPriority,
    RequirementSnapshot,
    RequirementStatus,
)
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.numbering import Numbering, counters_table
from crm_platform.store import Aggregate
from customer_svc.metadata import METADATA
from customer_svc.requirements.domain import NOUN, Requirement

requirements: Table = aggregate_table(
    "requirements",
    METADATA,
    Column("number", Text, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("communication_id", Uuid),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("kind", Text, nullable=False),
    Column("in_scope", ARRAY(Text), nullable=False),
    Column("out_of_scope", ARRAY(Text), nullable=False),
    Column("priority", Text, nullable=False),
    Column("due_on", Date),
    Column("status", Text, nullable=False),
    Column("status_reason", Text),
    Column("hand_overs", Integer, nullable=False),
    Column("handed_over_at", DateTime(timezone=True)),
    Column("project_id", Uuid),
    Column("delivery_id", Uuid),
    one_of("kind", [kind.value for kind in RequirementKind]),
    one_of("priority", [priority.value for priority in RequirementPriority]),
    one_of("status", [status.value for status in RequirementStatus]),
    belongs_to("customer_id", "customers"),
    belongs_to("communication_id", "communications"),
    UniqueConstraint("tenant_id", "number"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "communication_id"),
    owned=True,
)

REQUIREMENT_NUMBERS = Numbering(counters_table("requirement_counters", METADATA), prefix="RQ")

REQUIREMENTS = Aggregate(
    name="requirement",
    plural="requirements",
    what=NOUN,
    table=requirements,
    state=Requirement,
    snapshot=RequirementSnapshot,
    sort_by={"number": requirements.c.number},
)
