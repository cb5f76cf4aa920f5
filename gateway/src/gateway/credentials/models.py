"""Tables of the credentials, and how they are shown, filtered and sorted."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.sql.expression import FromClause

from crm_contracts.identity.v1 import CredentialSnapshot
from crm_platform.aggregate import AggregateSpec
from crm_platform.db.schema import aggregate_table, belongs_to, one_of, tenant_table
from crm_platform.reads.resource import Represent, represent_state
from crm_platform.store import Aggregate
from gateway.credentials.domain import NOUN, Credential, CredentialKind, CredentialStatus
from gateway.metadata import METADATA
from gateway.scopes import LEVELS
from gateway.text import name_key

credentials: Table = aggregate_table(
    "credentials",
    METADATA,
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("visibility", Text, nullable=False),
    Column("team_id", Uuid),
    Column("system", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("status", Text, nullable=False),
    one_of("kind", [kind.value for kind in CredentialKind]),
    one_of("visibility", LEVELS),
    one_of("language", ["zh", "en"]),
    one_of("status", [status.value for status in CredentialStatus]),
    belongs_to("team_id", "teams"),
    Index(
        "uq_credentials_name",
        "tenant_id",
        "name_key",
        unique=True,
        postgresql_where=text("status = 'active'"),
    ),
)

credential_secrets: Table = tenant_table(
    "credential_secrets",
    METADATA,
    Column("credential_id", Uuid, nullable=False),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the secret."),
    Column("used_at", DateTime(timezone=True), comment="To the minute or so."),
    PrimaryKeyConstraint("tenant_id", "credential_id"),
    belongs_to("credential_id", "credentials"),
)


def _public_id(source: FromClause) -> ColumnElement[Any]:
    both = cast(source.c.tenant_id, Text) + cast(source.c.id, Text)
    return func.replace(both, "-", "")


def _last_used(source: FromClause) -> ColumnElement[Any]:
    secrets = credential_secrets
    return select(secrets.c.used_at).where(secrets.c.credential_id == source.c.id).correlate(source).scalar_subquery()


def _represent(spec: AggregateSpec[Any]) -> Represent:
    return represent_state(spec, public_id=_public_id, last_used_at=_last_used)


CREDENTIALS = Aggregate(
    name="credential",
    plural="credentials",
    what=NOUN,
    table=credentials,
    state=Credential,
    snapshot=CredentialSnapshot,
    sort_by={"name": credentials.c.name_key},
    derived={"name_key": lambda credential: name_key(credential.name)},
    represent=_represent,
)
