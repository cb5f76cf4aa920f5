"""Tables of the requests for access, and of what was collected for them."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.subject_access.v1 import AccessRequester, AccessStatus, SubjectAccessSnapshot
from crm_platform.db.schema import aggregate_table, one_of, tenant_table
from crm_platform.store import Aggregate
from customer_svc.metadata import METADATA
from customer_svc.subject_access.domain import NOUN, SubjectAccess

subject_access_requests: Table = aggregate_table(
    "subject_access_requests",
    METADATA,
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("requester", Text, nullable=False),
    Column("reference", Text),
    Column("status", Text, nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("ready_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("answer_key", Text, nullable=False, comment="The public one, to which answers are sealed."),
    one_of("requester", [requester.value for requester in AccessRequester]),
    one_of("status", [status.value for status in AccessStatus]),
    Index(None, "tenant_id", "subject_id"),
    # One is under way at a time.
    Index(
        "uq_subject_access_requests_running",
        "tenant_id",
        "subject_id",
        unique=True,
        postgresql_where=text("status = 'running'"),
    ),
    Index(
        "ix_subject_access_requests_expiring",
        "tenant_id",
        "expires_at",
        postgresql_where=text("status IN ('running', 'ready')"),
    ),
)

subject_access_keys: Table = tenant_table(
    "subject_access_keys",
    METADATA,
    Column("request_id", Uuid, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="The private key, sealed under the key of the person."),
    PrimaryKeyConstraint("tenant_id", "request_id"),
)

subject_access_pages: Table = tenant_table(
    "subject_access_pages",
    METADATA,
    Column("request_id", Uuid, nullable=False),
    Column("service", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("content", Text, nullable=False, comment="Sealed to the key of the request."),
    PrimaryKeyConstraint("tenant_id", "request_id", "service", "page"),
)

SUBJECT_ACCESS = Aggregate(
    name="subject_access",
    plural="subject-access-requests",
    what=NOUN,
    table=subject_access_requests,
    state=SubjectAccess,
    snapshot=SubjectAccessSnapshot,
    sort_by={"expires_at": subject_access_requests.c.expires_at},
)
