"""Events about communications, major version 1; customer-svc publishes them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import Contract, DomainEvent, ExternalRef, OwnedSnapshot, Snapshot


class CommunicationKind(StrEnum):
    """How people spoke with each other."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    VISIT = "visit"
    CHAT = "chat"


class CommunicationChannel(StrEnum):
    """By which means they did."""

    PHONE = "phone"
    VIDEO = "video"
    IN_PERSON = "in_person"
    EMAIL = "email"
    WECHAT = "wechat"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    QQ = "qq"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    WEB_CHAT = "web_chat"
    OTHER = "other"


class CommunicationDirection(StrEnum):
    """Who turned to whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class FollowUpStatus(StrEnum):
    """Life cycle of a follow-up."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class FollowUp(Contract):
    """What comes next after a communication: when, who, and what."""

    due_at: datetime
    assignee_id: UUID | None = Field(description="Who does it; null where the record belonged to nobody.")
    subject: str
    status: FollowUpStatus
    remind_at: datetime = Field(description="When `communication.follow_up_due` is published, if it is still open.")
    reminded_at: datetime | None = None
    settled_at: datetime | None = Field(default=None, description="When it was done or dropped.")
    settled_by: str | None = None


class CommunicationSnapshot(OwnedSnapshot):
    """State of a recorded communication with a customer."""

    customer_id: UUID
    kind: CommunicationKind
    subject: str
    content: str | None
    happened_at: datetime
    duration_minutes: int | None
    participants: tuple[str, ...] = Field(description="Names of people who are neither users nor contacts here.")
    external_refs: tuple[ExternalRef, ...]
    channel: CommunicationChannel | None = None
    direction: CommunicationDirection | None = None
    participant_user_ids: tuple[UUID, ...] = Field(default=(), description="Our own people who took part.")
    participant_contact_ids: tuple[UUID, ...] = Field(default=(), description="The customer's people who took part.")
    outcome: str | None = Field(default=None, description="What came of it.")
    follow_up: FollowUp | None = Field(default=None, description="The last one that was planned.")
    contents_sealed: bool = Field(
        default=False, description="Subject, content and outcome are empty here, and told in `sealed`."
    )


class CommunicationEvent(DomainEvent[CommunicationSnapshot]):
    """Base of the communication events."""

    topic = "crm.communication.v1"
    aggregate_type = "communication"


class CommunicationRecorded(CommunicationEvent):
    """A call, meeting, visit, e-mail or chat with a customer was put on record."""

    type = "communication.recorded"


class CommunicationUpdated(CommunicationEvent):
    """A recorded communication was corrected."""

    type = "communication.updated"


class CommunicationFollowUpPlanned(CommunicationEvent):
    """It was agreed what comes next, who does it, and when; in place of an earlier plan, if there was one."""

    type = "communication.follow_up_planned"


class CommunicationFollowUpDue(CommunicationEvent):
    """It is time to remind whoever has to follow up."""

    type = "communication.follow_up_due"


class CommunicationFollowUpDone(CommunicationEvent):
    """A follow-up was done."""

    type = "communication.follow_up_done"


class CommunicationFollowUpDropped(CommunicationEvent):
    """A follow-up is not needed any more."""

    type = "communication.follow_up_dropped"


class CommunicationRuleSnapshot(Snapshot):
    """State of a company's rule about what its communications say."""

    kind: CommunicationKind | None = Field(description="Null for kinds that have no rule of their own.")
    seal_contents: bool = Field(description="Subject, content and outcome are encrypted under the customer's key.")


class CommunicationRuleEvent(DomainEvent[CommunicationRuleSnapshot]):
    """Base of the events about rules of communications."""

    topic = "crm.communication.v1"
    aggregate_type = "communication_rule"


class CommunicationRuleCreated(CommunicationRuleEvent):
    """A company has said whether what its communications say is sealed."""

    type = "communication_rule.created"


class CommunicationRuleUpdated(CommunicationRuleEvent):
    """A company has said so anew."""

    type = "communication_rule.updated"


class CalendarFeedSnapshot(OwnedSnapshot):
    """State of the address under which the owner's calendar program fetches their follow-ups; it tells no secret."""

    label: str
    language: str
    revoked_at: datetime | None


class CalendarFeedEvent(DomainEvent[CalendarFeedSnapshot]):
    """Base of the events about calendar feeds."""

    topic = "crm.communication.v1"
    aggregate_type = "calendar_feed"


class CalendarFeedCreated(CalendarFeedEvent):
    """A person was given a secret address for their calendar program."""

    type = "calendar_feed.created"


class CalendarFeedRevoked(CalendarFeedEvent):
    """An address was withdrawn, by the person or because the account has ended."""

    type = "calendar_feed.revoked"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    CommunicationRecorded,
    CommunicationUpdated,
    CommunicationFollowUpPlanned,
    CommunicationFollowUpDue,
    CommunicationFollowUpDone,
    CommunicationFollowUpDropped,
    CommunicationRuleCreated,
    CommunicationRuleUpdated,
    CalendarFeedCreated,
    CalendarFeedRevoked,
)
