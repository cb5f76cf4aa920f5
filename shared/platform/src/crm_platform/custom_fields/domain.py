"""What a custom field is, and which definitions hold together."""

from typing import Any, Final

from crm_contracts.base import Bilingual
from crm_contracts.custom_field.v1 import Choice, FieldStatus, FieldType
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("custom field", "自定义字段")

MAX_FIELDS: Final = 200
"""Fields of one resource, retired ones too."""
MAX_CHOICES: Final = 200
MAX_TEXT: Final = 10_000
"""Characters of a text."""
USUAL_TEXT: Final = 1000
"""Characters of a text whose definition says nothing."""
MAX_DIGITS: Final = 15
"""Digits of a number: as many as a binary double, and so every reader of JSON, keeps exactly."""
MAX_DECIMALS: Final = 6
MAX_BYTES: Final = 64 * 1024
"""All values of one record together, as JSON."""
SLOTS: Final = {"text": 8, "number": 6, "date": 4}
"""Indexed fields of one resource, by what is compared."""
UNIQUE_SLOTS: Final = 4
"""Unique fields of one resource."""
CHOICE_SLOTS: Final = 4
"""Indexed fields of one resource that hold several choices."""

FIELD_KEY = r"^[a-z][a-z0-9_]{0,39}$"

COMPARED: Final = {
    FieldType.TEXT: "text",
    FieldType.CHOICE: "text",
    FieldType.REFERENCE: "text",
    FieldType.NUMBER: "number",
    FieldType.MONEY: "number",
    FieldType.DATE: "date",
}
"""As what values are compared in an index; the other types have none."""
CHOSEN: Final = "choice"
"""As what single choices of several are looked for."""
INDEXES: Final = {**SLOTS, CHOSEN: CHOICE_SLOTS}
"""Indexed fields of one resource, by how they are indexed."""

BOUNDED: Final = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE})
CHOOSING: Final = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})
UNIQUELY: Final = frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.DATE, FieldType.REFERENCE})


class CustomField(AggregateState):
    """What a company keeps of each record of a resource."""

    resource: str
    key: str
    type: FieldType
    label: Bilingual
    description: Bilingual | None = None
    status: FieldStatus = FieldStatus.ACTIVE
    required: bool = False
    unique: bool = False
    indexed: bool = False
    default: Any = None
    minimum: str | None = None
    maximum: str | None = None
    max_length: int | None = None
    decimals: int | None = None
    pattern: str | None = None
    choices: tuple[Choice, ...] = ()
    target: str | None = None
    expression: str | None = None
    result: FieldType | None = None
    group: str | None = None
    position: int = 0
    applied: bool = False
    slot: int | None = None
    """The place of its values in the indexed array of what they are compared as; from 1."""
    unique_slot: int | None = None
    generation: int = 0
    """Counts the changes that all records have to follow."""

    @property
    def active(self) -> bool:
        """Whether it is in use."""
        return self.status is FieldStatus.ACTIVE

    @property
    def computed(self) -> bool:
        """Whether its values come from an expression."""
        return self.type is FieldType.FORMULA

    @property
    def holds(self) -> FieldType:
        """The type of its values."""
        return self.result or self.type

    @property
    def compared(self) -> str | None:
        """As what its values are compared in an index; None where they have none."""
        return COMPARED.get(self.holds)

    @property
    def indexed_as(self) -> str | None:
        """How its values can be indexed: as what they are compared, or choice by choice; None if not at all."""
        return CHOSEN if self.holds is FieldType.MULTI_CHOICE else self.compared

    def choice(self, value: str) -> Choice | None:
        """The choice with this value."""
        return next((one for one in self.choices if one.value == value), None)
