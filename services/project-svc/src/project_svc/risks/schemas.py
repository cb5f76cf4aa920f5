"""What clients send and get."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crm_contracts.project.v1 import RiskCategory, RiskStatus
from crm_platform.http.fields import NUMERIC, LongText, Name
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words

Level = Annotated[int, Field(ge=1, le=5, description="From 1, very low, to 5, very high."), NUMERIC]

_EMPTY = Words("Give at least one of probability, impact and response", "请至少填写 probability、impact、response 之一")


class RiskCreate(BaseModel):
    """A new risk of a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    title: Name
    category: RiskCategory
    probability: Level
    impact: Level


class Assessment(BaseModel):
    """How a risk is judged now; what is absent stays as it was."""

    model_config = ConfigDict(extra="forbid")

    probability: Level | None = None
    impact: Level | None = None
    response: LongText | None = Field(default=None, description="What is done about it; the risk is `mitigating` then.")
    reason: LongText | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        """Refuse an assessment of nothing."""
        if self.probability is None and self.impact is None and self.response is None:
            raise refusal("empty_assessment", _EMPTY)
        return self


class RiskRead(BaseModel):
    """A risk; `score` is probability times impact, `exceeded` whether it reaches `threshold`."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    project_id: UUID
    customer_id: UUID
    title: str
    category: RiskCategory
    probability: int
    impact: int
    score: int
    threshold: int
    exceeded: bool
    response: str | None
    status: RiskStatus


class RiskMatrixCell(BaseModel):
    """How many risks that are not closed have this probability and this impact."""

    probability: int
    impact: int
    score: int
    exceeded: bool = Field(description="Risks here reach the project's threshold.")
    count: int


class RiskMatrix(BaseModel):
    """The risks of a project on a grid of 25 cells, from the most to the least probable, impact rising."""

    project_id: UUID
    threshold: int
    total: int
    cells: list[RiskMatrixCell]
