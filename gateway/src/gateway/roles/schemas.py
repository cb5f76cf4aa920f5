"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.identity.v1 import RoleField
from crm_platform.context import Visibility
from crm_platform.http.fields import absent
from gateway.fields import RoleName, Scope
from gateway.roles.members import MAX_FIELDS

RoleTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

FieldRules = Annotated[tuple[RoleField, ...], Field(max_length=MAX_FIELDS)]
_FIELDS = (
    "Members that the role does not show (`hidden`), shows in part (`masked`) or does not let edit (`read`). "
    "Of several roles that reach a resource the most generous counts."
)


class RoleCreate(BaseModel):
    """A new role."""

    model_config = ConfigDict(extra="forbid")

    name: RoleName = Field(description="What users refer to it by; it stays.")
    title: RoleTitle
    scopes: tuple[Scope, ...] = Field(max_length=200)
    visibility: Visibility = "own"
    fields: FieldRules = Field(default=(), description=_FIELDS)


class RoleUpdate(BaseModel):
    """Changes of a role (RFC 7396 merge patch): what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    title: RoleTitle = Field(default_factory=absent)
    scopes: tuple[Scope, ...] = Field(default_factory=absent, max_length=200)
    visibility: Visibility = Field(default_factory=absent)
    fields: FieldRules = Field(default_factory=absent, description=_FIELDS)


class RoleRead(BaseModel):
    """A role that this tenant has defined."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    name: str
    title: str
    scopes: list[str]
    visibility: Visibility
    fields: list[RoleField]


class BuiltInRoleRead(BaseModel):
    """A role that every tenant has."""

    name: str
    title: str
    scopes: list[str]
    visibility: Visibility


class BuiltInRoles(BaseModel):
    """The roles that every tenant has."""

    items: list[BuiltInRoleRead]


class ScopeRead(BaseModel):
    """Something that a caller can be allowed to do."""

    scope: str
    description: str


class Scopes(BaseModel):
    """Everything that a caller can be allowed to do."""

    items: list[ScopeRead]
