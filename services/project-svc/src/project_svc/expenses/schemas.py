"""What clients send and get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Money
from crm_contracts.execution.v1 import ExpenseStatus
from crm_platform.http.fields import Day, LongText, ShortText, Sum


class ExpenseCreate(BaseModel):
    """Money that was spent for a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    task_id: UUID | None = Field(default=None, description="Absent where it is for the project as a whole.")
    incurred_on: Day
    amount: Sum
    category: ShortText = Field(description="Such as travel, licences, equipment.")
    description: LongText | None = None


class ExpenseRefusal(BaseModel):
    """Why an expense is rejected."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class ExpenseRead(BaseModel):
    """An expense."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    task_id: UUID | None
    incurred_on: date
    amount: Money
    category: str
    description: str | None
    status: ExpenseStatus
    decided_at: datetime | None
    decided_by: str | None
