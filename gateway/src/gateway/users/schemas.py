"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_platform.http.fields import absent
from gateway.fields import Email, Password, RoleName
from gateway.users.domain import Language

UserName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class UserFields(BaseModel):
    """Everything about a user that a client may set; all optional."""

    model_config = ConfigDict(extra="forbid")

    team_id: UUID | None = None
    roles: tuple[RoleName, ...] = Field(default=(), max_length=20)
    language: Language = "en"


class UserEntry(UserFields):
    """A new user without a password, who cannot sign in yet."""

    email: Email
    name: UserName


class UserCreate(UserEntry):
    """A new user."""

    password: Password | None = Field(default=None, description="Without one the user cannot sign in yet.")


class UserUpdate(UserFields):
    """Changes of a user (RFC 7396 merge patch): what is absent stays, null empties."""

    email: Email = Field(default_factory=absent)
    name: UserName = Field(default_factory=absent)
    roles: tuple[RoleName, ...] = Field(default_factory=absent, max_length=20)
    language: Language = Field(default_factory=absent)


class PasswordSet(BaseModel):
    """A new password for somebody."""

    model_config = ConfigDict(extra="forbid")

    password: Password


class UserRead(BaseModel):
    """A user."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    email: str
    name: str
    team_id: UUID | None
    roles: list[str]
    language: Language
    active: bool
    second_factor: bool = Field(description="Whether sign-in asks for a one-time code.")
    password_changed_at: datetime | None = Field(description="Null: there is no password yet.")
