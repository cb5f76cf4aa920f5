"""What clients send and get."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_platform.context import Visibility
from crm_platform.http.fields import Secret
from gateway.fields import Password

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
RecoveryCode = Annotated[str, StringConstraints(min_length=16, max_length=40)]


class SignIn(BaseModel):
    """Who wants to come in."""

    model_config = ConfigDict(extra="forbid")

    tenant: Annotated[str, StringConstraints(max_length=64)] = Field(description="Short name or id of the company.")
    email: Annotated[str, StringConstraints(max_length=320)]
    password: Password
    code: Code | None = Field(default=None, description="One-time code, where a second factor is in use.")
    recovery_code: RecoveryCode | None = Field(default=None, description="Instead of `code`; each works once.")


class Refresh(BaseModel):
    """A refresh token."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: Annotated[Secret, Field(max_length=200)]


class Tokens(BaseModel):
    """What a client goes on with: a short access token, and the token that gets the next one."""

    access_token: str
    token_type: str
    expires_in: int = Field(description="Seconds that the access token lives.")
    refresh_token: str = Field(description="Works once; using it twice ends the session.")
    session_id: UUID


class Me(BaseModel):
    """The caller."""

    id: UUID
    kind: str = Field(description="`user`, `client` or `apikey`.")
    tenant_id: UUID
    name: str
    email: str | None
    language: str
    roles: list[str]
    scopes: list[str]
    visibility: Visibility
    team_ids: list[UUID] = Field(description="Own team first, then those below and those that the caller manages.")
    system: str
    second_factor: bool
    recovery_codes_left: int


class PasswordChange(BaseModel):
    """A new password for oneself."""

    model_config = ConfigDict(extra="forbid")

    current_password: Password
    new_password: Password


class PasswordProof(BaseModel):
    """The present password, so that nobody changes the second factor at a desk that was left open."""

    model_config = ConfigDict(extra="forbid")

    current_password: Password


class CodeProof(BaseModel):
    """A one-time code of the phone."""

    model_config = ConfigDict(extra="forbid")

    code: Code


class SecondFactorSecret(BaseModel):
    """What the phone must be told, once."""

    secret: str = Field(description="Base32, for typing.")
    uri: str = Field(description="For a QR code.")


class RecoveryCodes(BaseModel):
    """Codes for when the phone is lost; shown this once, each works once."""

    recovery_codes: list[str]
