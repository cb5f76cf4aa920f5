"""What a delivery is made of, and events about what goes with it, major version 1; project-svc publishes them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, OwnedSnapshot


class CriterionVerdict(StrEnum):
    """What the customer found about one acceptance criterion."""

    PENDING = "pending"
    MET = "met"
    NOT_MET = "not_met"


class Criterion(Contract):
    """What has to be true for the customer to accept, and what the last decision found."""

    id: int = Field(description="Unique within the delivery; stays as long as the wording does.")
    description: str
    verdict: CriterionVerdict = CriterionVerdict.PENDING
    comment: str | None = None


class EvidenceKind(StrEnum):
    """Where evidence is."""

    LINK = "link"
    DOCUMENT = "document"


class Evidence(Contract):
    """What shows that a version fulfils the criteria."""

    kind: EvidenceKind
    name: str
    url: str | None = Field(default=None, description="Of a link.")
    document_id: UUID | None = Field(default=None, description="Of a document that was uploaded to the delivery.")
    media_type: str | None = Field(default=None, description="Of a document, by its content.")
    size: int | None = Field(default=None, description="Bytes of a document.")
    sha256: str | None = Field(default=None, description="Of a document's content, in hexadecimal.")


class Verdict(StrEnum):
    """How a version was decided about."""

    ACCEPTED = "accepted"
    CONDITIONALLY_ACCEPTED = "conditionally_accepted"
    REJECTED = "rejected"


class DecisionChannel(StrEnum):
    """By which way a decision came.

    `staff`: a user recorded what the customer said; `partner`: another system did; `link`: the contact decided by a
    signed link; `deemed`: nobody decided in the agreed time.
    """

    STAFF = "staff"
    PARTNER = "partner"
    LINK = "link"
    DEEMED = "deemed"


class Decision(Contract):
    """Who decided about a version, when, from where, and what about each criterion: the evidence of acceptance."""

    verdict: Verdict
    decided_at: datetime
    decided_by: str = Field(description="Actor; `contact:<id>` where the customer's contact did so by a link.")
    channel: DecisionChannel
    contact_id: UUID | None = Field(default=None, description="Whose decision it is, on the customer's side.")
    link_id: UUID | None = Field(default=None, description="The signed link by which it came.")
    network: str | None = Field(
        default=None, description="From where: the network of the caller's address, /24 (IPv4) or /48 (IPv6)."
    )
    comment: str | None = None
    criteria: tuple[Criterion, ...] = ()


class DeliveryVersion(Contract):
    """What was handed over at one submission, and what was decided about it."""

    number: int = Field(ge=1, description="Consecutive: which submission it is.")
    submitted_at: datetime
    submitted_by: str
    notes: str | None = None
    evidence: tuple[Evidence, ...] = ()
    fingerprint: str = Field(
        description="SHA-256 of name, criteria, notes and evidence: what exactly was decided about, in hexadecimal."
    )
    decision: Decision | None = None


class OpenPoint(Contract):
    """What is still to be done after a conditional acceptance."""

    id: int = Field(description="Unique within the delivery.")
    description: str
    due_on: date
    settled_at: datetime | None = None
    settled_by: str | None = None
    note: str | None = None


class DeemedAcceptance(Contract):
    """That silence is acceptance, where the contract says so."""

    working_days: int = Field(ge=1, le=250, description="In which the customer has to decide, after the submission.")
    country: str = Field(default="CN", pattern=r"^[A-Z]{2}$", description="Whose working days count.")


class AcceptanceLinkStatus(StrEnum):
    """Life cycle of a link."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"


class AcceptanceLinkSnapshot(OwnedSnapshot):
    """State of a signed link by which a contact decides about one version of a delivery; its secret is not told."""

    project_id: UUID
    delivery_id: UUID
    submission: int = Field(description="Which version of the delivery it is about.")
    contact_id: UUID
    expires_at: datetime
    status: AcceptanceLinkStatus
    verdict: Verdict | None
    used_at: datetime | None


class AcceptanceLinkEvent(DomainEvent[AcceptanceLinkSnapshot]):
    """Base of the events about links."""

    topic = "crm.delivery.v1"
    aggregate_type = "acceptance_link"


class AcceptanceLinkIssued(AcceptanceLinkEvent):
    """A contact was given a link to decide about a version of a delivery."""

    type = "acceptance_link.issued"


class AcceptanceLinkRevoked(AcceptanceLinkEvent):
    """A link was withdrawn."""

    type = "acceptance_link.revoked"


class AcceptanceLinkUsed(AcceptanceLinkEvent):
    """The contact decided by the link; it opens nothing to decide any more."""

    type = "acceptance_link.used"


class Frequency(StrEnum):
    """What the interval of a schedule counts."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class DeliveryScheduleStatus(StrEnum):
    """Life cycle of a schedule."""

    ACTIVE = "active"
    ENDED = "ended"


class DeliveryScheduleSnapshot(OwnedSnapshot):
    """State of a schedule by which deliveries of a project recur."""

    project_id: UUID
    name: str
    acceptance_criteria: tuple[str, ...]
    frequency: Frequency
    interval: int
    first_due_on: date
    count: int | None
    until: date | None
    lead_days: int = Field(description="How many days before it is due a delivery is planned.")
    status: DeliveryScheduleStatus
    made: int = Field(description="How many deliveries were planned by it.")
    next_due_on: date | None = Field(description="When the next one is due that is not planned yet.")


class DeliveryScheduleEvent(DomainEvent[DeliveryScheduleSnapshot]):
    """Base of the events about schedules."""

    topic = "crm.delivery.v1"
    aggregate_type = "delivery_schedule"


class DeliveryScheduleCreated(DeliveryScheduleEvent):
    """Deliveries of a project are to recur."""

    type = "delivery_schedule.created"


class DeliveryScheduleAdvanced(DeliveryScheduleEvent):
    """Deliveries were planned by a schedule."""

    type = "delivery_schedule.advanced"


class DeliveryScheduleEnded(DeliveryScheduleEvent):
    """A schedule plans nothing any more: all is planned, it was ended, or the project is over."""

    type = "delivery_schedule.ended"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    AcceptanceLinkIssued,
    AcceptanceLinkRevoked,
    AcceptanceLinkUsed,
    DeliveryScheduleCreated,
    DeliveryScheduleAdvanced,
    DeliveryScheduleEnded,
)
