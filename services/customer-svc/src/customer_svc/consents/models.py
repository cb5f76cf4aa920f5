"""Table of the consents."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from crm_contracts.privacy.v1 import ConsentSnapshot, ConsentSource, ConsentStatus, ContactMeans, SubjectKind
from crm_platform.db.schema import aggregate_table, one_of
from crm_platform.sealing import Sealed, sealed_column
from crm_platform.store import Aggregate
from customer_svc.consents.domain import NOUN, Consent
from customer_svc.metadata import METADATA

RUNNING = text("status IN ('pending', 'given')")
"""Consents that will end by themselves, where they have a time."""

consents: Table = aggregate_table(
    "consents",
    METADATA,
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("text_version", Integer),
    Column("said_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    sealed_column(),
    one_of("subject_kind", [kind.value for kind in SubjectKind]),
    one_of("channel", [channel.value for channel in ContactMeans]),
    one_of("status", [status.value for status in ConsentStatus]),
    one_of("source", [source.value for source in ConsentSource]),
    UniqueConstraint("tenant_id", "subject_id", "purpose", "channel"),
    Index(
        "ix_consents_expiring",
        "tenant_id",
        "expires_at",
        postgresql_where=RUNNING,
    ),
)

CONSENTS = Aggregate(
    name="consent",
    plural="consents",
    what=NOUN,
    table=consents,
    state=Consent,
    snapshot=ConsentSnapshot,
    sort_by={"said_at": consents.c.said_at},
    sealed=Sealed(members=("evidence",), subject="subject_id"),
)
