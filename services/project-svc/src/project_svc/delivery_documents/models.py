"""Table of the files of deliveries."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, Uuid

from crm_contracts.delivery.v1 import DeliveryDocumentSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to
from crm_platform.store import Aggregate
from project_svc.delivery_documents.domain import NOUN, DeliveryDocument
from project_svc.metadata import METADATA

delivery_documents: Table = aggregate_table(
    "delivery_documents",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("delivery_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    belongs_to("delivery_id", "deliveries"),
    Index(None, "tenant_id", "delivery_id"),
    owned=True,
)

DELIVERY_DOCUMENTS = Aggregate(
    name="delivery_document",
    plural="delivery-documents",
    what=NOUN,
    table=delivery_documents,
    state=DeliveryDocument,
    snapshot=DeliveryDocumentSnapshot,
)
