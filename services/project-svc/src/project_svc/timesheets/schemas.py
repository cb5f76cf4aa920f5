"""What clients send and get."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.execution.v1 import TimeEntry, TimesheetStatus
from crm_platform.http.fields import NUMERIC, Day, LongText, ShortText


class TimeEntryIn(TimeEntry):
    """Work on a task on a day."""

    day: Day
    minutes: Annotated[int, Field(ge=1, le=24 * 60), NUMERIC]
    note: ShortText | None = None


Entries = Annotated[tuple[TimeEntryIn, ...], Field(max_length=200)]


class TimesheetCreate(BaseModel):
    """The caller's own week."""

    model_config = ConfigDict(extra="forbid")

    week_starts_on: Day = Field(description="A Monday.")
    entries: Entries = ()


class TimesheetUpdate(BaseModel):
    """Other entries in the place of those that there are."""

    model_config = ConfigDict(extra="forbid")

    entries: Entries


class TimesheetRefusal(BaseModel):
    """Why a timesheet is sent back."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class TimesheetRead(BaseModel):
    """What one person worked on in one week."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    user_id: UUID
    week_starts_on: date
    status: TimesheetStatus
    entries: list[TimeEntry]
    minutes: int = Field(description="Of all entries.")
    submitted_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
