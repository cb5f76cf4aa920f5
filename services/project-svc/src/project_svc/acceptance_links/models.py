"""Tables of the links for acceptance and of their signatures."""

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid

from crm_contracts.delivery.v1 import AcceptanceLinkSnapshot, AcceptanceLinkStatus
from crm_platform.db.schema import aggregate_table, belongs_to, one_of, tenant_table
from crm_platform.store import Aggregate
from project_svc.acceptance_links.domain import NOUN, AcceptanceLink
from project_svc.metadata import METADATA

acceptance_links: Table = aggregate_table(
    "acceptance_links",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("delivery_id", Uuid, nullable=False),
    Column("submission", Integer, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("verdict", Text),
    Column("used_at", DateTime(timezone=True)),
    one_of("status", [status.value for status in AcceptanceLinkStatus]),
    belongs_to("delivery_id", "deliveries"),
    Index(None, "tenant_id", "delivery_id"),
    Index(None, "tenant_id", "contact_id"),
    owned=True,
)

acceptance_link_signatures: Table = tenant_table(
    "acceptance_link_signatures",
    METADATA,
    Column("link_id", Uuid, nullable=False),
    Column("signature", LargeBinary, nullable=False, comment="HMAC-SHA-256 of what the link is bound to."),
    PrimaryKeyConstraint("tenant_id", "link_id"),
    belongs_to("link_id", "acceptance_links"),
)

ACCEPTANCE_LINKS = Aggregate(
    name="acceptance_link",
    plural="acceptance-links",
    what=NOUN,
    table=acceptance_links,
    state=AcceptanceLink,
    snapshot=AcceptanceLinkSnapshot,
)
