"""What clients send and get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_platform.http.fields import ShortText


class CalendarFeedCreate(BaseModel):
    """An address to give to a calendar program."""

    model_config = ConfigDict(extra="forbid")

    label: ShortText = Field(description="Which program it is for, such as `phone`.")


class CalendarFeedRead(BaseModel):
    """An address that a calendar program was given."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    label: str
    language: str
    revoked_at: datetime | None


class CalendarFeedCreated(CalendarFeedRead):
    """A new address; it is shown this once."""

    path: str = Field(description="Behind the address of this API; whoever knows it sees the calendar.")
