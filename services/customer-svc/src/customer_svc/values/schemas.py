"""How clients send values: what they read can be sent back; what is derived may be left out."""

import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from crm_contracts.customer.v1 import AddressKind, IdentityDocumentKind, PhoneKind, RegistrationKind
from crm_platform.http.fields import ShortText
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words
from customer_svc.values.emails import parse_address
from customer_svc.values.phones import REGIONS
from customer_svc.values.refused import Refused
from customer_svc.values.registration import parse_document, parse_registration, recognised_registration

T = TypeVar("T")

_NO_COUNTRY = Words("no country has this code (ISO 3166-1 alpha-2)", "不存在该国家或地区代码（ISO 3166-1 二位字母）")


def _told(parse: Callable[..., T], *arguments: Any) -> T:
    """What ``parse`` makes of the arguments; its refusal as pydantic tells it."""
    try:
        return parse(*arguments)
    except Refused as refused:
        raise refusal(refused.code, refused.words) from refused


def _country(code: str) -> str:
    if code not in REGIONS:
        raise refusal("unknown_country", _NO_COUNTRY)
    return code


CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_country)]
"""ISO 3166-1 alpha-2 code of a country that there is."""

WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\u0085]+$", max_length=2000)]
"""Address of a page on the web. U+0085 is a blank here, but not for those who read the pattern as JavaScript does."""

_NO_TEXT = Words("control characters have no place in a text", "文本中不能包含控制字符")


def _text(text: str) -> str:
    """Sealed texts never meet the database's own check, which refuses U+0000."""
    if any(unicodedata.category(sign) == "Cc" and sign not in "\t\n" for sign in text):
        raise refusal("control_character", _NO_TEXT)
    return text


_PLAIN = AfterValidator(_text)

Line = Annotated[ShortText, _PLAIN]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), _PLAIN]
PhoneText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), _PLAIN]
"""A phone number as people type it; read where the customer's country is known."""

EmailText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=320),
    AfterValidator(lambda text: _told(parse_address, text)),
    Field(json_schema_extra={"format": "email"}),
]
"""An e-mail address, in its normal form."""

RegistrationText = Annotated[ShortText, AfterValidator(lambda text: _told(recognised_registration, text).number)]
"""A number of a register whose kind is not said."""


class AddressFields(BaseModel):
    """A postal address, from the largest unit to the smallest as written in Chinese."""

    model_config = ConfigDict(extra="forbid")

    country: CountryCode = Field(description="ISO 3166-1 alpha-2.")
    province: Line | None = None
    city: Line | None = None
    district: Line | None = None
    street: Line | None = None
    postal_code: Annotated[Line, StringConstraints(max_length=20)] | None = None


class AddressEntry(AddressFields):
    """One of several addresses."""

    kind: AddressKind = AddressKind.OTHER
    label: Label | None = None
    primary: StrictBool = False


class PhoneEntry(BaseModel):
    """One of several phone numbers."""

    model_config = ConfigDict(extra="forbid")

    number: PhoneText = Field(
        description="As typed or in E.164 form. Without a country code it is of the customer's country, else of China."
    )
    extension: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")] | None = None
    entered: PhoneText | None = Field(default=None, description="How it was typed, where `number` is in E.164 form.")
    kind: PhoneKind | None = Field(default=None, description="Counts only where the number itself does not tell.")
    label: Label | None = None
    primary: StrictBool = False


class EmailEntry(BaseModel):
    """One of several e-mail addresses."""

    model_config = ConfigDict(extra="forbid")

    address: EmailText
    label: Label | None = None
    primary: StrictBool = False


class RegistrationEntry(BaseModel):
    """A number under which a public register knows the customer."""

    model_config = ConfigDict(extra="forbid")

    kind: RegistrationKind
    number: ShortText
    country: CountryCode | None = None
    primary: StrictBool = False

    @field_validator("number")
    @classmethod
    def _fits_its_kind(cls, number: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind")
        return number if kind is None else _told(parse_registration, kind, number)


class DocumentEntry(BaseModel):
    """A document with which a person proves their identity."""

    model_config = ConfigDict(extra="forbid")

    kind: IdentityDocumentKind
    number: ShortText
    country: CountryCode | None = None

    @field_validator("number")
    @classmethod
    def _fits_its_kind(cls, number: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind")
        return number if kind is None else _told(parse_document, kind, number)
