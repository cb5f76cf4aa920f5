"""An actual cost of a project."""

from datetime import date
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.execution.v1 import CostSource
from crm_platform.aggregate import OwnedState
from crm_platform.words import Words

NOUN = Words("cost", "成本")


class ProjectCost(OwnedState):
    """Money that a project has cost; it changes only where it comes from."""

    project_id: UUID
    task_id: UUID | None = None
    source: CostSource
    source_ref: str
    revision: int = 1
    incurred_on: date
    amount: Money
    minutes: int | None = None
    description: str | None = None
