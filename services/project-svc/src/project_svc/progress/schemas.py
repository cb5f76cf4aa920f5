"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_platform.http.fields import NUMERIC, LongText, Moment

MOST_MINUTES = 100_000_000


class ProgressReportCreate(BaseModel):
    """How far a task is."""

    model_config = ConfigDict(extra="forbid")

    task_id: UUID
    as_of: Moment | None = Field(default=None, description="Now, where absent; never in the future.")
    percent_complete: Annotated[int, Field(ge=0, le=100, description="Of the work."), NUMERIC]
    actual_start: Moment | None = None
    actual_finish: Moment | None = None
    remaining: Annotated[int, Field(ge=0, le=MOST_MINUTES), NUMERIC] | None = Field(
        default=None, description="Minutes of working time left; by per cent complete where absent."
    )
    note: LongText | None = None


class ProgressReportRead(BaseModel):
    """What was known of a task as of some time."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    task_id: UUID
    as_of: datetime
    percent_complete: int
    actual_start: datetime | None
    actual_finish: datetime | None
    remaining: int | None
    note: str | None
