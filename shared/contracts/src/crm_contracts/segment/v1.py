"""Events about segments, major version 1; customer-svc publishes them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from crm_contracts.base import DomainEvent, Snapshot


class SegmentStatus(StrEnum):
    """Whether the members of a segment are those that its expression describes."""

    EVALUATING = "evaluating"
    CURRENT = "current"


class SegmentSnapshot(Snapshot):
    """State of a segment: customers of whom an expression is true."""

    name: str
    description: str | None
    expression: str = Field(description="A condition in CEL on fields and facts of customers.")
    definition: int = Field(description="Counts the expressions that the segment has had.")
    status: SegmentStatus = Field(description="`evaluating` while all customers are looked at for a new expression.")
    evaluated_at: datetime | None = Field(description="When all customers were last looked at.")


class SegmentEvent(DomainEvent[SegmentSnapshot]):
    """Base of the segment events."""

    topic = "crm.segment.v1"
    aggregate_type = "segment"


class SegmentCreated(SegmentEvent):
    """A segment was defined."""

    type = "segment.created"


class SegmentUpdated(SegmentEvent):
    """Name, description or expression of a segment changed."""

    type = "segment.updated"


class SegmentEvaluated(SegmentEvent):
    """All customers were looked at for the segment's expression."""

    type = "segment.evaluated"


class SegmentDeleted(SegmentEvent):
    """A segment is no more, and has no members any more; none of them leaves by an event of its own."""

    type = "segment.deleted"


class SegmentMemberSnapshot(Snapshot):
    """State of the membership of one customer in one segment."""

    segment_id: UUID
    customer_id: UUID
    member: bool
    since: datetime = Field(description="When the customer entered or left.")


class SegmentMemberEvent(DomainEvent[SegmentMemberSnapshot]):
    """Base of the membership events; those of one membership alternate, beginning with `entered`."""

    topic = "crm.segment_member.v1"
    aggregate_type = "segment_member"


class SegmentMemberEntered(SegmentMemberEvent):
    """A customer became a member of a segment."""

    type = "segment.member_entered"


class SegmentMemberLeft(SegmentMemberEvent):
    """A customer is no longer a member of a segment."""

    type = "segment.member_left"


class FrozenSegmentSnapshot(Snapshot):
    """State of a segment snapshot: who the members of a segment were at one moment."""

    segment_id: UUID
    name: str
    expression: str
    taken_at: datetime
    members: int


class SegmentSnapshotEvent(DomainEvent[FrozenSegmentSnapshot]):
    """Base of the events about segment snapshots."""

    topic = "crm.segment.v1"
    aggregate_type = "segment_snapshot"


class SegmentSnapshotTaken(SegmentSnapshotEvent):
    """The members of a segment were written down."""

    type = "segment_snapshot.taken"


class SegmentSnapshotDeleted(SegmentSnapshotEvent):
    """A segment snapshot is no more."""

    type = "segment_snapshot.deleted"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    SegmentCreated,
    SegmentUpdated,
    SegmentEvaluated,
    SegmentDeleted,
    SegmentMemberEntered,
    SegmentMemberLeft,
    SegmentSnapshotTaken,
    SegmentSnapshotDeleted,
)
