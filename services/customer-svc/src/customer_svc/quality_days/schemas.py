"""What clients get."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from crm_contracts.quality.v1 import QualityDimension


class FiguresRead(BaseModel):
    """How good the data of some customers is."""

    dimension: QualityDimension
    key: str = Field(description="The source, owner, team, rule (by its code) or member; empty where there is none.")
    records: int = Field(description="How many customers; of a rule or a member all that have a score.")
    failing: int = Field(description="How many of them break a rule; of a rule or a member, that one.")
    average: float | None = Field(description="The average score; null for rules and members.")


class SummaryRead(BaseModel):
    """The figures of this moment."""

    items: list[FiguresRead]


class QualityDayRead(FiguresRead):
    """The figures of one day, as they were last in it."""

    id: UUID
    day: date
