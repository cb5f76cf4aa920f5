"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.base import Money
from crm_platform.http.fields import Name, Price, ShortText, absent

ProductCode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ProductCreate(BaseModel):
    """A new product, or in a batch with `upsert` the product with this code as it should be."""

    model_config = ConfigDict(extra="forbid")

    code: ProductCode = Field(description="Names the product; unique.")
    name: Name
    series: ShortText | None = Field(default=None, description="Line of products that it belongs to.")
    list_price: Price
    active: bool = Field(default=True, strict=True, description="Whether it can be chosen for new deals.")


class ProductUpdate(BaseModel):
    """Changes of a product (RFC 7396 merge patch): what is absent stays, null empties."""

    model_config = ConfigDict(extra="forbid")

    code: ProductCode = Field(default_factory=absent)
    name: Name = Field(default_factory=absent)
    series: ShortText | None = None
    list_price: Price = Field(default_factory=absent)


class ProductRead(BaseModel):
    """A product."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    code: str
    name: str
    series: str | None
    list_price: Money
    active: bool
