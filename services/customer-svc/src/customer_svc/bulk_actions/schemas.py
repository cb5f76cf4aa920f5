"""What clients send."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crm_contracts.customer.v1 import CustomerGrade
from crm_platform.http.fields import NUMERIC, LongText, Reason, Tags
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words
from customer_svc.customers.service import WhyActive, WhyDormant, WhyLost

MOST = 10_000
"""Customers of one bulk action."""

_ONE = Words("send either `ids`, or `filter` with `expected`", "请只提交 ids，或 filter 与 expected")


class Assign(BaseModel):
    """Give customers to a person and a team."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["assign"]
    owner_id: UUID | None = None
    team_id: UUID | None = None


class AddTags(BaseModel):
    """Add tags that a customer does not have."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["add_tags"]
    tags: Annotated[Tags, Field(min_length=1)]


class RemoveTags(BaseModel):
    """Remove tags that a customer has."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["remove_tags"]
    tags: Annotated[Tags, Field(min_length=1)]


class SetGrade(BaseModel):
    """Set the grade, or with null remove it."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["set_grade"]
    grade: CustomerGrade | None


class Activate(WhyActive):
    """Make customers active."""

    action: Literal["activate"]


class LetRest(WhyDormant):
    """Mark customers as dormant."""

    action: Literal["rest"]


class Lose(WhyLost):
    """Record that customers have left."""

    action: Literal["churn"]


class Release(BaseModel):
    """Give customers back to the public pool."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["release"]
    reason: LongText


class Delete(Reason):
    """Remove customers that nothing refers to."""

    action: Literal["delete"]


Action = Annotated[
    Assign | AddTags | RemoveTags | SetGrade | Activate | LetRest | Lose | Release | Delete,
    Field(discriminator="action"),
]
Filter = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class BulkRequest(BaseModel):
    """What to do with which customers: those with these ids, or those that a filter fits."""

    model_config = ConfigDict(extra="forbid")

    change: Action
    ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST)] | None = None
    filter: Filter | None = Field(default=None, description="As in lists; only customers that the caller may see.")
    expected: Annotated[int, Field(ge=0, le=MOST), NUMERIC] | None = Field(
        default=None, description="How many customers the filter fits; where it fits another number, nothing is done."
    )

    @model_validator(mode="after")
    def _either(self) -> "BulkRequest":
        by_filter = self.filter is not None and self.expected is not None and self.ids is None
        by_ids = self.ids is not None and self.filter is None and self.expected is None
        if not by_filter and not by_ids:
            raise refusal("either_ids_or_filter", _ONE)
        return self


class Bulk(BaseModel):
    """A bulk action as it is carried out."""

    change: Action
    customers: int
