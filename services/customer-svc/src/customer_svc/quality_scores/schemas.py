"""What clients send and get."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_contracts.base import Bilingual
from crm_contracts.quality.v1 import Severity
from crm_platform.http.texts import Expression


class Trial(BaseModel):
    """A rule to try."""

    model_config = ConfigDict(extra="forbid")

    expression: Expression
    applies_to: Expression | None = None


class BrokenRule(BaseModel):
    """A rule that a customer breaks."""

    rule_id: UUID
    code: str
    member: str | None = Field(description="The member of the customer that it is about.")
    severity: Severity
    weight: int


class ListedReason(BrokenRule):
    """Why a score is not 100, in both languages."""

    label: Bilingual
    message: Bilingual = Field(description="What to do.")


class QualityScoreRead(BaseModel):
    """The score of one customer, as of its last change."""

    id: UUID = Field(description="The customer's.")
    score: int = Field(description="0 to 100: the weight of the rules that hold, of all that apply.")
    source: str | None
    owner_id: UUID | None
    team_id: UUID | None
    changed_at: datetime = Field(description="Since when it is this score, for these reasons.")
    reasons: list[ListedReason]


class Reason(BrokenRule):
    """Why a score is not 100, in the language of the request."""

    label: str
    message: str = Field(description="What to do.")


class CustomerQualityRead(BaseModel):
    """How good the data of one customer is."""

    score: int | None = Field(description="0 to 100; null where there are no rules, or not yet a score.")
    reasons: list[Reason] = Field(description="The rules that are broken, the weightiest first.")
