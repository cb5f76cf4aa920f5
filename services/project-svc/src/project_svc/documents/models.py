"""Table of the documents."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from crm_contracts.document.v1 import DocumentSnapshot, RecordKind
from crm_platform.db.schema import aggregate_table, belongs_to, one_of
from crm_platform.store import Aggregate
from project_svc.documents.domain import NOUN, Document
from project_svc.metadata import METADATA

documents: Table = aggregate_table(
    "documents",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("record_kind", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("delivery_id", Uuid),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("series_id", Uuid, nullable=False),
    Column("superseded_by", Uuid),
    one_of("record_kind", [kind.value for kind in RecordKind]),
    belongs_to("project_id", "projects"),
    belongs_to("delivery_id", "deliveries"),
    UniqueConstraint("tenant_id", "series_id", "number"),
    Index(None, "tenant_id", "record_id"),
    Index(None, "tenant_id", "project_id"),
    Index(None, "tenant_id", "customer_id"),
    Index("ix_documents_delivery_id", "tenant_id", "delivery_id", postgresql_where=text("delivery_id IS NOT NULL")),
    owned=True,
)

DOCUMENTS = Aggregate(
    name="document",
    plural="documents",
    what=NOUN,
    table=documents,
    state=Document,
    snapshot=DocumentSnapshot,
)
