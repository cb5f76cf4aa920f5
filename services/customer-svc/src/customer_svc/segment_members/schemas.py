"""What clients get."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from crm_platform.cel import Part


class Explanation(BaseModel):
    """A part of an expression, and what it comes to at this moment."""

    text: str
    truth: bool
    operator: str | None = Field(description="How its parts are joined: `&&`, `||` or `!`; null where it has none.")
    values: dict[str, Any] = Field(description="The fields that it compares, as the caller sees them.")
    parts: list["Explanation"]

    @classmethod
    def of(cls, part: Part, shown: Mapping[str, Any]) -> Self:
        """The explanation of ``part`` for somebody who sees the values in ``shown``."""
        return cls(
            text=part.text,
            truth=part.truth,
            operator=part.operator,
            values={name: shown[name] for name in part.values},
            parts=[cls.of(one, shown) for one in part.parts],
        )


class MembershipRead(BaseModel):
    """Whether a customer is in a segment, and why."""

    segment_id: UUID
    name: str
    expression: str
    member: bool
    since: datetime | None = Field(description="When the customer entered or left; null where it never entered.")
    explanation: Explanation | None = Field(
        description="Null where the expression reads a field that is gone, or that the caller may not see."
    )


class MembershipsRead(BaseModel):
    """A customer's segments."""

    items: list[MembershipRead]
