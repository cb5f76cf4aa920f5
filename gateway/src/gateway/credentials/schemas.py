"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_platform.context import Visibility
from crm_platform.http.fields import Moment
from gateway.credentials.domain import CredentialKind, CredentialStatus
from gateway.fields import Scope

CredentialName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
SystemName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class CredentialCreate(BaseModel):
    """A new credential."""

    model_config = ConfigDict(extra="forbid")

    kind: CredentialKind = CredentialKind.API_KEY
    name: CredentialName
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=200, description="No more than the caller has.")
    visibility: Visibility = Field(default="own", description="No wider than the caller's.")
    team_id: UUID | None = Field(default=None, description="Whose records `team` shows; else the caller's own team.")
    system: SystemName = Field(default="crm", description="The system that uses it, such as `erp` or `oa`.")
    language: Annotated[str, StringConstraints(pattern="^(zh|en)$")] = "en"
    expires_at: Moment | None = None


class CredentialRead(BaseModel):
    """A credential, without its secret."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    kind: CredentialKind
    name: str
    scopes: list[str]
    visibility: Visibility
    team_id: UUID | None
    system: str
    language: str
    expires_at: datetime | None
    status: CredentialStatus
    public_id: str = Field(description="The visible part of an API key; the `client_id` of a client.")
    last_used_at: datetime | None = Field(description="To the minute or so.")


class CredentialCreated(CredentialRead):
    """A new credential; its secret is shown this once and never again."""

    secret: str = Field(description="The whole API key, or the `client_secret` of a client.")


class RevocationReason(BaseModel):
    """Why a credential is withdrawn; kept in the event and in the audit trail."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)] | None = None


class AccessTokenRead(BaseModel):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenError(BaseModel):
    """Why there is no access token (RFC 6749 section 5.2)."""

    error: str
    error_description: str
