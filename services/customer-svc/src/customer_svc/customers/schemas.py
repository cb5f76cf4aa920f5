"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_contracts.base import ExternalRef, Money
from crm_contracts.customer.v1 import Address, CustomerGrade, CustomerKind, CustomerStatus
from crm_platform.http.fields import NUMERIC, ExternalRefList, Name, ShortText, Tags, absent


class CustomerFields(BaseModel):
    """Everything about a customer that a client may set; all optional."""

    model_config = ConfigDict(extra="forbid")

    kind: CustomerKind = CustomerKind.COMPANY
    grade: CustomerGrade | None = None
    industry: ShortText | None = None
    employees: Annotated[int, Field(ge=0, le=100_000_000), NUMERIC] | None = None
    founded_year: Annotated[int, Field(ge=1000, le=2200), NUMERIC] | None = None
    annual_revenue: Money | None = None
    phone: ShortText | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)] | None = None
    website: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)] | None = None
    address: Address | None = None
    registration_id: ShortText | None = Field(default=None, description="Such as the unified social credit code.")
    payment_terms_days: Annotated[int, Field(ge=0, le=3650), NUMERIC] | None = None
    credit_limit: Money | None = None
    parent_id: UUID | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    tags: Tags = ()
    external_refs: ExternalRefList = ()


class CustomerCreate(CustomerFields):
    """A new customer."""

    name: Name


class CustomerUpdate(CustomerFields):
    """Changes of a customer (RFC 7396 merge patch): what is absent stays, null empties."""

    kind: CustomerKind = Field(default_factory=absent)
    name: Name = Field(default_factory=absent)
    tags: Tags = Field(default_factory=absent)
    external_refs: ExternalRefList = Field(default_factory=absent)


class CustomerRead(BaseModel):
    """A customer."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    owner_id: UUID | None
    team_id: UUID | None
    kind: CustomerKind
    name: str
    status: CustomerStatus
    grade: CustomerGrade | None
    industry: str | None
    employees: int | None
    founded_year: int | None
    annual_revenue: Money | None
    phone: str | None
    email: str | None
    website: str | None
    address: Address | None
    registration_id: str | None
    payment_terms_days: int | None
    credit_limit: Money | None
    parent_id: UUID | None
    tags: list[str]
    external_refs: list[ExternalRef]
