"""What clients send and get."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crm_contracts.base import DecimalString
from crm_contracts.risk.v1 import ScaleStep
from crm_platform.http.fields import NUMERIC
from crm_platform.http.texts import Label
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words

_RISING = Words("The values of the steps have to rise", "各级的取值必须递增")
_BOUNDS = Words(
    "The bounds have to rise, from 2 to no more than the highest score", "各等级的分界必须递增，介于 2 与最高分之间"
)

Share = Annotated[DecimalString, Field(gt=0, le=1)]
Bound = Annotated[int, Field(ge=2, le=49), NUMERIC]


class StepDefinition(BaseModel):
    """A step of a scale; its number is its place, from 1."""

    model_config = ConfigDict(extra="forbid")

    name: Label
    value: Share = Field(description="Of a probability, its share of 1; of an impact, its share of the budget.")

    def told(self) -> ScaleStep:
        """As it is kept."""
        return ScaleStep(name=self.name.told(), value=Decimal(self.value))


Steps = Annotated[tuple[StepDefinition, ...], Field(min_length=3, max_length=7)]


class RiskScaleDefinition(BaseModel):
    """A scale: 3 to 7 steps of probability and of impact, and the scores from which a risk is graver."""

    model_config = ConfigDict(extra="forbid")

    probabilities: Steps
    impacts: Steps
    medium_from: Bound
    high_from: Bound
    critical_from: Bound

    @model_validator(mode="after")
    def rises(self) -> Self:
        """Refuse steps and bounds that do not rise."""
        for steps in (self.probabilities, self.impacts):
            values = [step.value for step in steps]
            if sorted(set(values)) != values:
                raise refusal("steps_not_rising", _RISING)
        highest = len(self.probabilities) * len(self.impacts)
        if not self.medium_from < self.high_from < self.critical_from <= highest:
            raise refusal("bounds_not_rising", _BOUNDS)
        return self


class RiskScaleRead(BaseModel):
    """The scale in force."""

    version: int = Field(description="0 for the ready-made one.")
    updated_at: datetime | None
    updated_by: str | None
    probabilities: tuple[ScaleStep, ...]
    impacts: tuple[ScaleStep, ...]
    medium_from: int = Field(description="The score (step of probability times step of impact) that is `medium`.")
    high_from: int
    critical_from: int
