"""What clients get."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from customer_svc.timeline.domain import EntryKind


class TimelineEntryRead(BaseModel):
    """One happening with a customer."""

    id: UUID
    customer_id: UUID
    kind: EntryKind
    type: str = Field(description="The event that it is, such as `ticket.resolved`; see the event catalogue.")
    title: str = Field(description="What the record is called; empty where it has no name.")
    facts: dict[str, Any] = Field(description="Some members of the record, as they were then.")
    happened_at: datetime
    actor: str
    source_type: str
    source_id: UUID = Field(description="The record that it tells of.")
