"""What columns are mapped to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crm_platform.words import Words


class TargetKind(StrEnum):
    """What values of a field look like."""

    TEXT = "text"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    DATE = "date"
    DATETIME = "datetime"
    YEAR = "year"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A field that a column can be mapped to, built in or made by a tenant.

    Attributes:
        name: Its key.
        labels: What it is called, in both languages.
        synonyms: Other headers under which files have it.
        kind: What its values look like.
        choices: The labels of its choices by key, for ``CHOICE``.
        matches: Whether a value has the form of this very field, where its form gives it away (a check digit).
        many: Several columns may be mapped to it.
    """

    name: str
    labels: Words
    synonyms: tuple[str, ...] = ()
    kind: TargetKind = TargetKind.TEXT
    choices: Mapping[str, Words] = field(default_factory=dict)
    matches: Callable[[str], bool] | None = None
    many: bool = False
