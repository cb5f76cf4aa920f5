"""What clients send and get."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from crm_contracts.privacy.v1 import ConsentText, ContactMeans, LawfulBasis
from crm_platform.http.fields import NUMERIC, STORABLE, ShortText, absent

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Channels = Annotated[tuple[ContactMeans, ...], Field(min_length=1, max_length=len(ContactMeans))]
Days = Annotated[int, Field(ge=1, le=36_500), NUMERIC]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), STORABLE]


class Wording(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid")

    zh: Text
    en: Text


class PurposeFields(BaseModel):
    """Everything about a purpose that can be changed."""

    model_config = ConfigDict(extra="forbid")

    title_zh: ShortText
    title_en: ShortText
    basis: LawfulBasis = LawfulBasis.CONSENT
    channels: Channels
    double_opt_in: StrictBool = Field(
        default=False, description="Consent counts only once the person has confirmed it."
    )
    valid_days: Days | None = Field(default=None, description="Days after which consent expires; null for never.")
    active: StrictBool = True


class PurposeCreate(PurposeFields):
    """A new purpose."""

    code: Code
    text: Wording | None = Field(default=None, description="What people agree to; becomes version 1.")


class PurposeUpdate(PurposeFields):
    """Changes of a purpose (RFC 7396 merge patch); another text becomes the next version."""

    title_zh: ShortText = Field(default_factory=absent)
    title_en: ShortText = Field(default_factory=absent)
    basis: LawfulBasis = Field(default_factory=absent)
    channels: Channels = Field(default_factory=absent)
    double_opt_in: StrictBool = Field(default_factory=absent)
    active: StrictBool = Field(default_factory=absent)
    text: Wording = Field(default_factory=absent)


class PurposeRead(BaseModel):
    """A purpose."""

    id: UUID
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    code: str
    title_zh: str
    title_en: str
    basis: LawfulBasis
    channels: list[ContactMeans]
    double_opt_in: bool
    valid_days: int | None
    texts: list[ConsentText]
    active: bool
