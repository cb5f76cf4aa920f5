"""Events about custom fields, major version 1."""

from enum import StrEnum
from typing import Any

from pydantic import Field, JsonValue

from crm_contracts.base import Bilingual, Contract, DomainEvent, Snapshot


class FieldType(StrEnum):
    """What a custom field holds, and how it stands in JSON."""

    TEXT = "text"
    """A string."""
    NUMBER = "number"
    """A number of at most 15 digits, so that no reader of JSON rounds it."""
    MONEY = "money"
    """``{"amount": "12.50", "currency": "CNY"}``."""
    DATE = "date"
    """``"2026-05-01"``."""
    BOOLEAN = "boolean"
    """True or false."""
    CHOICE = "choice"
    """The value of one of its choices."""
    MULTI_CHOICE = "multi_choice"
    """A list of values of its choices, in the order in which they are defined."""
    REFERENCE = "reference"
    """The id of another record."""
    FORMULA = "formula"
    """What an expression gives, computed whenever the record is written."""


class FieldStatus(StrEnum):
    """Whether a field is in use."""

    ACTIVE = "active"
    RETIRED = "retired"


class Choice(Contract):
    """One of the values of a field with choices."""

    value: str
    label: Bilingual
    retired: bool = Field(default=False, description="Kept where it stands, not given to any more.")


class CustomFieldSnapshot(Snapshot):
    """State of a custom field: what a company keeps of each record of a resource."""

    resource: str = Field(description="The records that have it, such as `customers`.")
    key: str = Field(description="The member of `custom` that holds it; never another.")
    type: FieldType
    label: Bilingual
    description: Bilingual | None
    status: FieldStatus
    required: bool
    unique: bool
    indexed: bool = Field(description="Lists are filtered and sorted by it without looking at all records.")
    default: JsonValue = Field(description="What new records get where nothing is said.")
    minimum: str | None = Field(description="Of numbers, amounts and dates.")
    maximum: str | None
    max_length: int | None = Field(description="Characters of a text.")
    decimals: int | None = Field(description="Places of a number after the point.")
    pattern: str | None = Field(description="A regular expression that a text matches from end to end.")
    choices: tuple[Choice, ...]
    target: str | None = Field(description="The resource that a reference points into.")
    expression: str | None = Field(description="The CEL of a formula.")
    result: FieldType | None = Field(description="What a formula gives: text, number, date or boolean.")
    group: str | None = Field(description="Under which heading it is shown.")
    position: int
    applied: bool = Field(description="Whether all records follow this definition by now.")


class CustomFieldEvent(DomainEvent[CustomFieldSnapshot]):
    """Base of the events about custom fields."""

    topic = "crm.custom_field.v1"
    aggregate_type = "custom_field"


class CustomFieldCreated(CustomFieldEvent):
    """A company defined a field."""

    type = "custom_field.created"


class CustomFieldUpdated(CustomFieldEvent):
    """A field is called, checked or computed in another way."""

    type = "custom_field.updated"


class CustomFieldRetired(CustomFieldEvent):
    """A field is not in use any more; its values are kept."""

    type = "custom_field.retired"


class CustomFieldRestored(CustomFieldEvent):
    """A field is in use again, with the values that were kept."""

    type = "custom_field.restored"


class CustomFieldConverted(CustomFieldEvent):
    """A field has another type; its values follow."""

    type = "custom_field.converted"


class CustomFieldApplied(CustomFieldEvent):
    """All records follow the definition of a field."""

    type = "custom_field.applied"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    CustomFieldCreated,
    CustomFieldUpdated,
    CustomFieldRetired,
    CustomFieldRestored,
    CustomFieldConverted,
    CustomFieldApplied,
)
