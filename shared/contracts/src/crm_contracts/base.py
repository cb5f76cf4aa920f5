"""What every contract shares: strictness for producers, value objects, the event base class."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

DecimalString = Annotated[
    Decimal,
    Field(max_digits=20, decimal_places=4, allow_inf_nan=False),
    PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str, when_used="json"),
]
"""A decimal that travels as a JSON string without trailing zeros, so that no reader makes it a binary float."""

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 alphabetic code."""


class Contract(BaseModel):
    """A frozen record that refuses unknown fields; consumers parse with ``extra="ignore"``."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Bilingual(Contract):
    """The same text in both languages."""

    en: str
    zh: str


class Money(Contract):
    """An amount in one currency; amounts of different currencies are never added."""

    amount: DecimalString
    currency: CurrencyCode


class ExternalRef(Contract):
    """The id under which another system knows the same record."""

    system: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Snapshot(Contract):
    """The full state of one aggregate after a change."""

    id: UUID
    version: int = Field(ge=1, description="Consecutive per aggregate, starting at 1.")
    created_at: datetime
    created_by: str = Field(description="Actor: `user:<id>`, `client:<id>`, `apikey:<id>` or `system:<name>`.")
    updated_at: datetime
    updated_by: str


class OwnedSnapshot(Snapshot):
    """State of an aggregate that belongs to a person and a team."""

    owner_id: UUID | None
    team_id: UUID | None


S = TypeVar("S", bound=Snapshot)


class SealedMembers(Contract):
    """Personal data of a state, encrypted under the key of the person or company that it is about.

    Whoever may read it fetches the key with ``GET /v1/subject-keys/{subject_id}`` and opens it with
    ``crm_contracts.sealing.opened``. After an erasure there is no key any more, for old events neither.
    """

    subject_id: UUID = Field(description="Whose key it is sealed with.")
    members: tuple[str, ...] = Field(description="Names of the members that are empty in `state` and told in `data`.")
    data: str = Field(description="The members as a JSON object, sealed by AES-256-GCM; base64url without padding.")


class DomainEvent(Contract, Generic[S]):
    """Something that happened to one aggregate; the data part of a CloudEvent.

    Subclasses name the wire ``type`` (past tense), the ``topic`` and the ``aggregate_type``.
    Everything about the occurrence itself (tenant, version, actor, causation) travels in headers.
    """

    type: ClassVar[str]
    topic: ClassVar[str]
    aggregate_type: ClassVar[str]

    state: S = Field(description="The aggregate after the change.")
    changed: tuple[str, ...] = Field(default=(), description="Names of the fields that changed.")
    reason: str | None = Field(default=None, description="What the change was for, where it was said.")
    sealed: SealedMembers | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="Personal data of the state; absent where nothing is sealed, or no longer can be read.",
    )

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Read as a consumer: unknown fields pass, so that producers may add some.

        Raises:
            pydantic.ValidationError: A known field is missing or has the wrong type.
        """
        return cls.model_validate_json(payload, extra="ignore")


class InboundMessage(Contract):
    """A message that another system sends us; it has an id but no aggregate version of ours."""

    type: ClassVar[str]
    topic: ClassVar[str]

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Read tolerantly, see :meth:`DomainEvent.parse`."""
        return cls.model_validate_json(payload, extra="ignore")
