"""The members of a segment, written down."""

from datetime import datetime
from uuid import UUID

from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("segment snapshot", "分群快照")


class FrozenSegment(AggregateState):
    """A list of customers that stays as it is, and what it was made of."""

    segment_id: UUID
    name: str
    expression: str
    taken_at: datetime
    members: int
