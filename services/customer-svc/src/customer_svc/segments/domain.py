"""A segment and its expression."""

from datetime import datetime
from typing import Any

from crm_contracts.segment.v1 import SegmentStatus
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("segment", "客户分群")

MAX_SEGMENTS = 500
"""Segments of one company; every change of a customer is held against all of them."""


class Segment(AggregateState):
    """Customers of whom an expression is true."""

    name: str
    description: str | None = None
    expression: str
    definition: int = 1
    status: SegmentStatus = SegmentStatus.EVALUATING
    evaluated_at: datetime | None = None

    def changed(self, changes: dict[str, Any]) -> "Segment":
        """The segment with other content; with another expression all customers have to be looked at."""
        after = self.with_(**changes)
        if after.expression == self.expression:
            return after
        return after.with_(definition=self.definition + 1, status=SegmentStatus.EVALUATING)

    def evaluated(self, definition: int, at: datetime) -> "Segment":
        """The segment after all customers were looked at for one of its definitions; only the last one counts."""
        if definition != self.definition:
            return self
        return self.with_(status=SegmentStatus.CURRENT, evaluated_at=at)
