"""Who is asking, and on whose behalf: passed explicitly, never kept in globals."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from uuid import UUID

from crm_platform.events.wire import Record
from crm_platform.ids import new_id

Visibility = Literal["own", "team", "all"]
FieldLevel = Literal["hidden", "masked", "read"]
"""What is left of a member that may not be edited: nothing, its shape, or all of it."""


class FieldRule(NamedTuple):
    """What one member of the records of a resource is to a caller."""

    resource: str
    member: str
    level: FieldLevel


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a verified token."""

    id: UUID
    tenant_id: UUID
    kind: Literal["user", "client", "apikey", "service"]
    scopes: frozenset[str]
    visibility: Visibility = "own"
    team_ids: tuple[UUID, ...] = ()
    """The caller's own teams and all teams below them."""
    language: Literal["zh", "en"] = "en"
    name: str = ""
    system: str = "crm"
    """The system for which a machine speaks (`erp`, `oa` …); it owns the origin of its changes."""
    expires_at: float = 0.0
    """Unix time after which the token is refused."""
    fields: tuple[FieldRule, ...] = ()
    """Members that the caller may not edit, or see; see :mod:`crm_platform.reads.field_access`."""

    @property
    def team_id(self) -> UUID | None:
        """The caller's own team."""
        return self.team_ids[0] if self.team_ids else None

    @property
    def actor(self) -> str:
        """How the caller is named in records and events."""
        return f"{self.kind}:{self.id}"

    def may(self, scope: str) -> bool:
        """Whether the caller holds ``scope`` or the wildcard of its resource."""
        return scope in self.scopes or f"{scope.partition(':')[0]}:*" in self.scopes or "*" in self.scopes


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a change comes from; carried into audit entries and event headers."""

    actor: str
    correlation_id: UUID = field(default_factory=new_id)
    causation_id: UUID | None = None
    origin: str = "crm"
    traceparent: str | None = None


def caused_by(record: Record, *, actor: str) -> Cause:
    """The cause of what ``actor`` does about an event: the same correlation, origin and trace, one step on."""
    return Cause(
        actor=actor,
        correlation_id=record.correlation_id or record.event_id,
        causation_id=record.event_id,
        origin=record.origin,
        traceparent=record.traceparent,
    )


def system_caller(tenant_id: UUID, name: str) -> Caller:
    """The caller in whose name a consumer or job of this service works; it sees all records."""
    return Caller(
        id=UUID(int=0), tenant_id=tenant_id, kind="service", scopes=frozenset({"*"}), visibility="all", name=name
    )
