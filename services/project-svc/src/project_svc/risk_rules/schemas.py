"""What clients send and get."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from crm_contracts.base import Bilingual
from crm_contracts.project.v1 import RiskCategory
from crm_platform.http.fields import NUMERIC, absent
from crm_platform.http.texts import Expression, Label

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
FiveSteps = Annotated[int, Field(ge=1, le=5, description="1 to 5; fitted to the company's scale."), NUMERIC]
_EXPRESSION = (
    "A condition in CEL that is true where there is a risk, such as `deliveries.overdue > 2 || risks.exceeded >= 3`. "
    "It reads `project.days_overdue` and `project.days_left` (of the due date), `deliveries.open` and "
    "`deliveries.overdue`, `requirements.handed_over_30d` (to the project in the last 30 days), and of risks that are "
    "not closed `risks.open`, `risks.exceeded` (their threshold) and `risks.score` (together); `issues.open` and "
    "`issues.critical`; `people.overloaded`, the people of the project who in one of this week and the next three are "
    "needed for longer than they are there, by all projects together and this one among them, and "
    "`people.hours_over_capacity`, for how much longer; of earned value, null without a baseline, "
    "`performance.spi`, `performance.cpi`, "
    "`performance.schedule_spi`, `performance.percent_complete` and `performance.percent_spent`. A comparison "
    "with null is false."
)


class RiskRuleCreate(BaseModel):
    """A rule to define."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    title: Label = Field(description="Of the risks that it raises.")
    category: RiskCategory
    expression: Expression = Field(description=_EXPRESSION)
    probability: FiveSteps
    impact: FiveSteps
    language: Literal["en", "zh"] = Field(default="zh", description="In which titles are written.")
    enabled: StrictBool = True


class RiskRuleUpdate(BaseModel):
    """Changes of a rule (RFC 7396 merge patch): what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    title: Label = Field(default_factory=absent)
    category: RiskCategory = Field(default_factory=absent)
    expression: Expression = Field(default_factory=absent, description=_EXPRESSION)
    probability: FiveSteps = Field(default_factory=absent)
    impact: FiveSteps = Field(default_factory=absent)
    language: Literal["en", "zh"] = Field(default_factory=absent)
    enabled: StrictBool = Field(default_factory=absent)


class RiskRuleRead(BaseModel):
    """A rule."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    code: str
    title: Bilingual
    category: RiskCategory
    expression: str
    probability: int
    impact: int
    language: str
    enabled: bool
