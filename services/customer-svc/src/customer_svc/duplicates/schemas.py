"""What clients get."""

from uuid import UUID

from pydantic import BaseModel, Field

from customer_svc.duplicates.matching.scoring import Verdict
from customer_svc.duplicates.matching.weights import Level


class ReasonRead(BaseModel):
    """What one field says about two customers."""

    field: str
    level: Level
    bits: float = Field(description="Each bit doubles the odds that they are the same; negative ones halve them.")
    text: str


class CandidateRead(BaseModel):
    """A customer that may be the same."""

    id: UUID
    version: int
    name: str | None = Field(description="Null where the caller may not see it.")
    score: float = Field(description="The probability that it is the same, in percent.")
    verdict: Verdict
    reasons: list[ReasonRead] = Field(description="What weighs most first.")


class CandidatesRead(BaseModel):
    """Who may be the same, the likeliest first."""

    candidates: list[CandidateRead]
