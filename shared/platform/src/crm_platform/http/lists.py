"""The shape of a list answer, for the OpenAPI document; the bytes come from PostgreSQL."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class Count(BaseModel):
    """How many records match."""

    value: int
    relation: Literal["eq", "gte"]


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None
    count: Count | None = None
