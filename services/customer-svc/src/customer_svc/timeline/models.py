"""Table of the timeline's entries, and how they are shown, filtered and sorted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    Integer,
    Label,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    bindparam,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import FromClause

from crm_platform.cel import Field, field_map
from crm_platform.db.schema import one_of, tenant_table
from crm_platform.reads.resource import Resource, Sort
from crm_platform.sealing.borrowed import CopiedPart
from customer_svc.communications import service as communications
from customer_svc.metadata import METADATA
from customer_svc.timeline.domain import NOUN, EntryKind

_KINDS = tuple(kind.value for kind in EntryKind)

timeline_entries: Table = tenant_table(
    "timeline_entries",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("customer_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("source_type", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False, comment="The version of the record that this entry tells of."),
    Column("owner_id", Uuid, comment="Of the record as it is now, as are the team and the customer."),
    Column("team_id", Uuid),
    one_of("kind", _KINDS),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index(None, "tenant_id", "customer_id", "happened_at", "id"),
    Index(None, "tenant_id", "source_id"),
)

_of = timeline_entries.c
OF_CUSTOMER = _of.customer_id == bindparam("customer_id", type_=Uuid)
OF_KINDS = _of.kind == bindparam("kinds", type_=ARRAY(Text)).any_()


def _represent(source: FromClause) -> Sequence[Label[Any]]:
    names = ("id", "customer_id", "kind", "type", "facts", "happened_at", "actor", "source_type", "source_id")
    return [source.c[name].label(name) for name in names]


TIMELINE = Resource(
    name="timeline",
    what=NOUN,
    table=timeline_entries,
    represent=_represent,
    filters=field_map(
        Field("kind", _of.kind, "enum", _KINDS),
        Field("type", _of.type, "string"),
        Field("happened_at", _of.happened_at, "timestamp"),
        Field("actor", _of.actor, "string"),
        Field("source_id", _of.source_id, "uuid"),
    ),
    sorts={"happened_at": Sort(_of.happened_at, datetime.fromisoformat), "id": Sort(_of.id, UUID)},
    default_sort="-happened_at",
    sealed=CopiedPart(
        communications.CONTENTS, {"title": "subject"}, table=communications.AGGREGATE.table, record="source_id"
    ),
)
