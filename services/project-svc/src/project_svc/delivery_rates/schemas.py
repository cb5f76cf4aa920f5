"""What clients get."""

from enum import StrEnum

from pydantic import BaseModel, Field


class RateDimension(StrEnum):
    """By what the rates are told apart."""

    ALL = "all"
    CUSTOMER = "customer"
    PROJECT = "project"
    MONTH = "month"


class DeliveryRate(BaseModel):
    """Rates of the deliveries that were accepted in the period.

    A delivery made of parts counts by its parts, since only these are submitted.
    """

    key: str = Field(
        description="Id of the customer or project, the month of the company as `YYYY-MM`, or empty for all."
    )
    accepted: int = Field(description="Deliveries accepted in the period.")
    on_time: int = Field(description="Of these, accepted no later than due, as it was judged at acceptance.")
    first_time_right: int = Field(description="Of these, accepted at their first submission, without open points.")
    on_time_rate: float | None = Field(description="`on_time` ÷ `accepted`, 0 to 1; null where nothing was accepted.")
    first_time_right_rate: float | None = Field(description="`first_time_right` ÷ `accepted`, 0 to 1.")


class DeliveryRates(BaseModel):
    """Rates by one dimension, in the order of their keys."""

    dimension: RateDimension
    items: list[DeliveryRate]
