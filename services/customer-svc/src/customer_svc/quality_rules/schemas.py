"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from crm_contracts.base import Bilingual
from crm_contracts.quality.v1 import Severity
from crm_platform.http.fields import NUMERIC, ShortText, absent
from crm_platform.http.texts import BilingualText, Expression, Label

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Weight = Annotated[int, Field(ge=1, le=100), NUMERIC]
Codes = Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)]


class QualityRuleCreate(BaseModel):
    """A rule to define."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    label: Label
    message: BilingualText = Field(description="What to do about a customer that breaks the rule.")
    expression: Expression = Field(
        description="A condition in CEL that is true of good data, on fields and facts of customers and on figures of "
        "their contact data, such as `contact.valid_phones > 0`."
    )
    applies_to: Expression | None = Field(
        default=None, description="A condition in CEL on the customers that the rule is about; null for all."
    )
    member: ShortText | None = Field(default=None, description="The member of a customer that the rule is about.")
    weight: Weight = 10
    severity: Severity = Severity.WARNING
    enabled: StrictBool = True


class QualityRuleUpdate(BaseModel):
    """Changes of a rule (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    label: Label = Field(default_factory=absent)
    message: BilingualText = Field(default_factory=absent)
    expression: Expression = Field(default_factory=absent)
    applies_to: Expression | None = None
    member: ShortText | None = None
    weight: Weight = Field(default_factory=absent)
    severity: Severity = Field(default_factory=absent)
    enabled: StrictBool = Field(default_factory=absent)


class QualityRuleFields(BaseModel):
    """What a rule consists of."""

    code: str
    label: Bilingual
    message: Bilingual
    expression: str
    applies_to: str | None
    member: str | None
    weight: int
    severity: Severity


class QualityRuleRead(QualityRuleFields):
    """A rule."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    enabled: bool


class ReadyMadeRead(QualityRuleFields):
    """A rule that can be taken over."""

    adopted: bool = Field(description="Whether there is a rule with this code.")


class ReadyMadeList(BaseModel):
    """The ready-made rules."""

    items: list[ReadyMadeRead]


class Adoption(BaseModel):
    """Which ready-made rules to take over."""

    model_config = ConfigDict(extra="forbid")

    codes: Codes | None = Field(default=None, description="Null for all.")


class AdoptionRead(BaseModel):
    """What was taken over."""

    adopted: list[str] = Field(description="Codes of the rules that are new.")
