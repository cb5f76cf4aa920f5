"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.plan.v1 import CalendarException, WorkSpan
from crm_platform.http.fields import Day, Name, absent
from project_svc.work_calendars.domain import WEEK

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Subdivision = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Spans = Annotated[tuple[WorkSpan, ...], Field(max_length=10)]
Week = Annotated[tuple[Spans, ...], Field(min_length=7, max_length=7, description="Monday to Sunday.")]


class ExceptionIn(CalendarException):
    """Other working time, or none, on some days: leave, a shutdown, overtime."""

    first_on: Day
    last_on: Day
    spans: Spans = ()
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


Exceptions = Annotated[
    tuple[ExceptionIn, ...], Field(max_length=1000, description="Of several that name a day, the first holds.")
]


class WorkCalendarCreate(BaseModel):
    """A new working calendar."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    time_zone: TimeZone | None = Field(default=None, description="That of the company if absent.")
    week: Week = WEEK
    exceptions: Exceptions = ()
    country: Country | None = Field(
        default=None, description="Its public holidays are free; China's make-up days are worked."
    )
    subdivision: Subdivision | None = None


class WorkCalendarUpdate(BaseModel):
    """Changes of a working calendar (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default_factory=absent)
    time_zone: TimeZone = Field(default_factory=absent)
    week: Week = Field(default_factory=absent)
    exceptions: Exceptions = Field(default_factory=absent)
    country: Country | None = None
    subdivision: Subdivision | None = None


class WorkCalendarRead(BaseModel):
    """A working calendar."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    name: str
    time_zone: str
    week: list[list[WorkSpan]]
    exceptions: list[CalendarException]
    country: str | None
    subdivision: str | None
