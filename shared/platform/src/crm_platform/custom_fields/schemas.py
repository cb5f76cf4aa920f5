"""What clients send and get: definitions of custom fields, and the values of records."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StringConstraints

from crm_contracts.base import Bilingual
from crm_contracts.custom_field.v1 import Choice, FieldStatus, FieldType
from crm_platform.custom_fields.domain import FIELD_KEY, MAX_CHOICES, MAX_DECIMALS, MAX_FIELDS, MAX_TEXT
from crm_platform.http.fields import NUMERIC, ShortText, absent
from crm_platform.http.texts import BilingualText, Expression, Label

CustomValues = Annotated[
    dict[str, JsonValue],
    Field(
        max_length=MAX_FIELDS,
        description="Custom fields by key, as the company has defined them (`/v1/custom-fields`); null empties one, "
        "and those that are absent stay.",
    ),
]
CustomShown = Annotated[
    dict[str, JsonValue], Field(description="Custom fields by key; those without a value are absent.")
]

FieldKey = Annotated[str, StringConstraints(pattern=FIELD_KEY)]
Bound = Annotated[str, StringConstraints(min_length=1, max_length=30)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Length = Annotated[int, Field(ge=1, le=MAX_TEXT), NUMERIC]
Decimals = Annotated[int, Field(ge=0, le=MAX_DECIMALS), NUMERIC]
Position = Annotated[int, Field(ge=0, le=10_000), NUMERIC]


class ChoiceEntry(BaseModel):
    """One of the values of a field with choices."""

    model_config = ConfigDict(extra="forbid")

    value: ShortText = Field(description="What records hold; it stays.")
    label: Label
    retired: StrictBool = Field(default=False, description="Kept where it stands, not given to any more.")

    def told(self) -> Choice:
        """As it is kept."""
        return Choice(value=self.value, label=self.label.told(), retired=self.retired)


Choices = Annotated[tuple[ChoiceEntry, ...], Field(max_length=MAX_CHOICES)]


class CustomFieldRules(BaseModel):
    """What a definition may say besides its label; which of it fits depends on the type."""

    model_config = ConfigDict(extra="forbid")

    description: BilingualText | None = None
    required: StrictBool = Field(default=False, description="New records have it, and none is emptied.")
    unique: StrictBool = Field(default=False, description="No two records have the same value; not set later.")
    indexed: StrictBool = Field(default=False, description="Lists are filtered and sorted by it fast.")
    default: JsonValue = Field(default=None, description="What new records get where nothing is said.")
    minimum: Bound | None = Field(
        default=None, description="Of numbers, amounts and dates, such as `0` or `2020-01-01`."
    )
    maximum: Bound | None = None
    max_length: Length | None = Field(default=None, description="Of texts; 1,000 characters where nothing is said.")
    decimals: Decimals | None = Field(default=None, description="Places of numbers after the point.")
    pattern: Pattern | None = Field(default=None, description="A regular expression that texts match as a whole.")
    choices: Choices = Field(default=(), description="Of choices; none is ever removed, but `retired`.")
    expression: Expression | None = Field(
        default=None, description="Of formulas: CEL over fields of the record and other custom fields (`custom.key`)."
    )
    group: ShortText | None = Field(default=None, description="Under which heading it is shown.")
    position: Position = 0


class CustomFieldCreate(CustomFieldRules):
    """A new field; a service says which resources there are by its own class."""

    resource: str
    key: FieldKey = Field(description="The member of `custom` that holds it; it stays.")
    type: FieldType
    label: Label
    target: ShortText | None = Field(default=None, description="Of references: the resource of the records.")


class CustomFieldUpdate(CustomFieldRules):
    """Changes of a definition (RFC 7396 merge patch): what is absent stays, null empties."""

    label: Label = Field(default_factory=absent)
    required: StrictBool = Field(default_factory=absent)
    unique: StrictBool = Field(default_factory=absent)
    indexed: StrictBool = Field(default_factory=absent)
    choices: Choices = Field(default_factory=absent)
    position: Position = Field(default_factory=absent)


class Unconvertible(StrEnum):
    """What becomes of values that have no counterpart in another type."""

    REFUSE = "refuse"
    """Nothing is converted if there is one."""
    EMPTY = "empty"
    """They are emptied; history keeps them."""


class Conversion(BaseModel):
    """Another type for a field, and the rules that come with it."""

    model_config = ConfigDict(extra="forbid")

    type: FieldType
    dry_run: StrictBool = Field(default=True, description="Only count, and show samples of what does not convert.")
    unconvertible: Unconvertible = Unconvertible.REFUSE
    choices: Choices = Field(default=(), description="Of the new type.")
    target: ShortText | None = None


class CustomFieldRead(BaseModel):
    """A custom field."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    resource: str
    key: str
    type: FieldType
    label: Bilingual
    description: Bilingual | None
    status: FieldStatus
    required: bool
    unique: bool
    indexed: bool
    default: JsonValue
    minimum: str | None
    maximum: str | None
    max_length: int | None
    decimals: int | None
    pattern: str | None
    choices: list[Choice]
    target: str | None
    expression: str | None
    result: FieldType | None = Field(description="What a formula gives.")
    group: str | None
    position: int
    applied: bool = Field(description="Whether all records follow this definition by now; an operation sees to it.")
