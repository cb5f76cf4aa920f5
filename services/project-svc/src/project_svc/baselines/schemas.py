"""What clients send and get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_platform.http.fields import ShortText


class BaselineCreate(BaseModel):
    """The plan of a project as it is now, under a name."""

    model_config = ConfigDict(extra="forbid")

    name: ShortText


class BaselineRead(BaseModel):
    """A baseline; `work` is minutes of working time of all tasks together."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    number: int
    name: str
    plan_revision: int
    starts_at: datetime
    finishes_at: datetime
    work: int
    cost: Money
    task_count: int
    change_request_id: UUID | None = Field(description="The change whose implementation set it.")
    external_id: str | None = Field(description="Of one that a file brought, such as `msproject:0`.")


class BaselineTaskRead(BaseModel):
    """A task without children as it was planned."""

    task_id: UUID
    name: str
    starts_at: datetime
    finishes_at: datetime
    work: int
    cost: Money
    critical: bool
    fixed_cost: Money | None = Field(description="The part of `cost` that no rate brought about.")
    effort: int | None = Field(description="Minutes of work of all who were to do it together.")


class BaselineDetail(BaselineRead):
    """A baseline with its tasks, in the order of their starts."""

    tasks: list[BaselineTaskRead]
