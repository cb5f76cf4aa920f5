"""Table of the resources, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Boolean, Column, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.plan.v1 import ResourceKind, ResourceSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.resources.domain import NOUN, Resource

resources: Table = aggregate_table(
    "resources",
    METADATA,
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("user_id", Uuid),
    Column("skills", ARRAY(Text), nullable=False),
    Column("capacity", JSONB, nullable=False),
    Column("rates", JSONB, nullable=False),
    Column("calendar_id", Uuid),
    Column("active", Boolean, nullable=False),
    Column("external_id", Text),
    one_of("kind", [kind.value for kind in ResourceKind]),
    belongs_to("calendar_id", "work_calendars"),
    Index(None, "tenant_id", "name", "id"),
    Index(None, "tenant_id", "user_id"),
)

RESOURCES = Aggregate(
    name="resource",
    plural="resources",
    what=NOUN,
    table=resources,
    state=Resource,
    snapshot=ResourceSnapshot,
    sort_by={"name": resources.c.name},
)
