"""What clients get."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.base import Money
from crm_contracts.execution.v1 import CostSource


class ProjectCostRead(BaseModel):
    """An actual cost of a project."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    task_id: UUID | None = Field(description="Null where it belongs to the project as a whole.")
    source: CostSource
    source_ref: str = Field(description="What it comes from: an id here, or the number in the ERP system.")
    revision: int = Field(description="Counts its changes where it comes from.")
    incurred_on: date
    amount: Money = Field(description="Negative for a credit.")
    minutes: int | None = Field(description="Of work, where it is for that.")
    description: str | None
