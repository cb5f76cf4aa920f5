"""What clients send and get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.segment.v1 import SegmentStatus
from crm_platform.http.fields import LongText, Name, absent
from crm_platform.http.texts import Expression


class SegmentCreate(BaseModel):
    """A segment to define."""

    model_config = ConfigDict(extra="forbid")

    description: LongText | None = None
    name: Name
    expression: Expression = Field(
        description="A condition in CEL on fields and facts of customers, such as "
        "`grade == 'A' && now() - facts.last_order_at > duration('2160h')`."
    )


class SegmentUpdate(BaseModel):
    """Changes of a segment (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    description: LongText | None = None
    name: Name = Field(default_factory=absent)
    expression: Expression = Field(default_factory=absent)


class SegmentRead(BaseModel):
    """A segment."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    name: str
    description: str | None
    expression: str
    definition: int
    status: SegmentStatus
    evaluated_at: datetime | None
