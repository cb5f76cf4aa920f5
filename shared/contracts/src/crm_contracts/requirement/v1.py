"""Events about requirements, major version 1; customer-svc publishes them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, OwnedSnapshot


class RequirementKind(StrEnum):
    """What a requirement is about."""

    FUNCTION = "function"
    PERFORMANCE = "performance"
    INTEGRATION = "integration"
    DATA = "data"
    SERVICE = "service"
    COMPLIANCE = "compliance"
    OTHER = "other"


class RequirementPriority(StrEnum):
    """How much depends on a requirement (MoSCoW)."""

    MUST = "must"
    SHOULD = "should"
    COULD = "could"
    WONT = "wont"


class RequirementStatus(StrEnum):
    """Life cycle of a requirement."""

    COLLECTED = "collected"
    ANALYSED = "analysed"
    CONFIRMED = "confirmed"
    PLANNED = "planned"
    DELIVERED = "delivered"
    REJECTED = "rejected"


class RequirementSnapshot(OwnedSnapshot):
    """State of something that a customer requires."""

    number: str
    customer_id: UUID
    communication_id: UUID | None = Field(description="The communication in which it was said.")
    title: str
    description: str | None
    kind: RequirementKind
    in_scope: tuple[str, ...] = Field(description="What belongs to it; the acceptance criteria of its deliverable.")
    out_of_scope: tuple[str, ...] = Field(description="What expressly does not.")
    priority: RequirementPriority
    due_on: date | None
    status: RequirementStatus
    status_reason: str | None = Field(description="Why it was rejected, or came back to `confirmed`.")
    hand_overs: int = Field(description="How often it was handed to project delivery; numbers the hand-over.")
    handed_over_at: datetime | None = Field(description="Null where no hand-over is under way.")
    project_id: UUID | None = Field(description="The project asked for, then the one that delivers it.")
    delivery_id: UUID | None = Field(description="The deliverable that it became.")


class RequirementEvent(DomainEvent[RequirementSnapshot]):
    """Base of the requirement events."""

    topic = "crm.requirement.v1"
    aggregate_type = "requirement"


class RequirementCollected(RequirementEvent):
    """A customer's requirement was put on record."""

    type = "requirement.collected"


class RequirementUpdated(RequirementEvent):
    """Fields of a requirement changed."""

    type = "requirement.updated"


class RequirementAnalysed(RequirementEvent):
    """It is understood what a requirement means."""

    type = "requirement.analysed"


class RequirementConfirmed(RequirementEvent):
    """Customer and we agree on a requirement."""

    type = "requirement.confirmed"


class RequirementHandedOver(RequirementEvent):
    """Project delivery is asked to plan a confirmed requirement."""

    type = "requirement.handed_over"


class RequirementPlanned(RequirementEvent):
    """A requirement has a deliverable in a project."""

    type = "requirement.planned"


class RequirementDelivered(RequirementEvent):
    """The customer accepted the deliverable of a requirement."""

    type = "requirement.delivered"


class RequirementReturned(RequirementEvent):
    """The hand-over or the deliverable came to nothing, for the reason in the state; it is `confirmed` again."""

    type = "requirement.returned"


class RequirementRejected(RequirementEvent):
    """A requirement will not be met; a deliverable that is still open is not wanted any more."""

    type = "requirement.rejected"


class RequirementReopened(RequirementEvent):
    """A rejected requirement is looked at again, from the beginning."""

    type = "requirement.reopened"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    RequirementCollected,
    RequirementUpdated,
    RequirementAnalysed,
    RequirementConfirmed,
    RequirementHandedOver,
    RequirementPlanned,
    RequirementDelivered,
    RequirementReturned,
    RequirementRejected,
    RequirementReopened,
)
