"""Events of the gateway about companies, people, teams, roles and credentials, version 1; they carry no secrets."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, Snapshot


class CompanySnapshot(Snapshot):
    """What holds for a whole company; its id is that of the tenant."""

    time_zone: str = Field(description="IANA name, such as `Asia/Shanghai`: where its days begin and end.")


class CompanyEvent(DomainEvent[CompanySnapshot]):
    """Base of the company events."""

    topic = "crm.company.v1"
    aggregate_type = "company"


class CompanyDefined(CompanyEvent):
    """A company said for the first time what holds for it."""

    type = "company.defined"


class CompanyUpdated(CompanyEvent):
    """Something else holds for a company from now on."""

    type = "company.updated"


class UserSnapshot(Snapshot):
    """State of a person who can sign in."""

    email: str
    name: str
    team_id: UUID | None
    roles: tuple[str, ...]
    language: str
    active: bool


class UserEvent(DomainEvent[UserSnapshot]):
    """Base of the user events."""

    topic = "crm.user.v1"
    aggregate_type = "user"


class UserCreated(UserEvent):
    """A person was given an account."""

    type = "user.created"


class UserUpdated(UserEvent):
    """A person's name, team, roles or state changed."""

    type = "user.updated"


class TeamSnapshot(Snapshot):
    """State of a team in the hierarchy."""

    name: str
    parent_id: UUID | None
    manager_id: UUID | None


class TeamEvent(DomainEvent[TeamSnapshot]):
    """Base of the team events."""

    topic = "crm.team.v1"
    aggregate_type = "team"


class TeamCreated(TeamEvent):
    """A team was set up."""

    type = "team.created"


class TeamUpdated(TeamEvent):
    """A team was renamed, moved or given another manager."""

    type = "team.updated"


class TeamDeleted(TeamEvent):
    """A team without people, teams below or credentials was removed; the state is the last one."""

    type = "team.deleted"


class RoleField(Contract):
    """What a member of the records of a resource is to whoever has the role."""

    resource: str = Field(description="Plural noun of the path, such as `customers`.")
    member: str
    level: Literal["hidden", "masked", "read"] = Field(
        description="`hidden` and `masked` members cannot be edited either; `read` ones are seen."
    )


class RoleSnapshot(Snapshot):
    """State of a named set of scopes; the built-in roles are none of these."""

    name: str
    title: str
    scopes: tuple[str, ...]
    visibility: str
    fields: tuple[RoleField, ...] = ()


class RoleEvent(DomainEvent[RoleSnapshot]):
    """Base of the role events."""

    topic = "crm.role.v1"
    aggregate_type = "role"


class RoleCreated(RoleEvent):
    """A tenant defined a role of its own."""

    type = "role.created"


class RoleUpdated(RoleEvent):
    """A role allows more, less, or other things."""

    type = "role.updated"


class RoleDeleted(RoleEvent):
    """A role that nobody had was removed; the state is the last one."""

    type = "role.deleted"


class CredentialSnapshot(Snapshot):
    """State of an API key or of an OAuth2 client."""

    kind: str
    name: str
    scopes: tuple[str, ...]
    visibility: str
    team_id: UUID | None
    system: str
    expires_at: datetime | None
    status: str


class CredentialEvent(DomainEvent[CredentialSnapshot]):
    """Base of the credential events."""

    topic = "crm.credential.v1"
    aggregate_type = "credential"


class CredentialCreated(CredentialEvent):
    """A machine was given a credential."""

    type = "credential.created"


class CredentialRevoked(CredentialEvent):
    """A credential was withdrawn for good."""

    type = "credential.revoked"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    CompanyDefined,
    CompanyUpdated,
    UserCreated,
    UserUpdated,
    TeamCreated,
    TeamUpdated,
    TeamDeleted,
    RoleCreated,
    RoleUpdated,
    RoleDeleted,
    CredentialCreated,
    CredentialRevoked,
)
