"""Table of the communications, and how they are shown, filtered and sorted."""

from sqlalchemy import ARRAY, Column, DateTime, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.customer.v1 import CommunicationKind, CommunicationSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.external_refs import ExternalRefs, external_refs_table
from crm_platform.store import Aggregate
from customer_svc.communications.domain import NOUN, Communication
from customer_svc.metadata import METADATA

communications: Table = aggregate_table(
    "communications",
    METADATA,
    Column("customer_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("content", Text),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("duration_minutes", Integer),
    Column("participants", ARRAY(Text), nullable=False),
    Column("external_refs", JSONB, nullable=False),
    one_of("kind", [kind.value for kind in CommunicationKind]),
    belongs_to("customer_id", "customers"),
    Index(None, "tenant_id", "customer_id", "happened_at", "id"),
    Index(None, "tenant_id", "happened_at", "id"),
    owned=True,
)

COMMUNICATION_REFS = ExternalRefs(
    external_refs_table("communication_refs", METADATA, column="communication_id", table="communications"),
    column="communication_id",
    what=NOUN,
)

COMMUNICATIONS = Aggregate(
    name="communication",
    plural="communications",
    what=NOUN,
    table=communications,
    state=Communication,
    snapshot=CommunicationSnapshot,
    sort_by={"happened_at": communications.c.happened_at},
    default_sort="-happened_at",
)
