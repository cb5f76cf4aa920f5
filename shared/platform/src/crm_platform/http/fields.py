"""Kinds of fields that many request schemas share."""

import re
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from crm_contracts.base import CurrencyCode, ExternalRef, Money
from crm_platform import currencies
from crm_platform.context import Caller
from crm_platform.http.validation_messages import refusal
from crm_platform.words import Words

_NUMBER = re.compile(r"\s*[+-]?[0-9_]*\.?[0-9_]+\s*")
_NUL = Words("the character U+0000 cannot be stored", "不能包含 U+0000 字符，它无法存储")


def _storable(text: str) -> str:
    if "\x00" in text:
        raise refusal("string_unicode", _NUL)
    return text


STORABLE = AfterValidator(_storable)
"""Stands behind a text: JSON may have U+0000 in one, PostgreSQL may not, and only here it is known in which."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), STORABLE]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), STORABLE]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), STORABLE]
Tags = Annotated[tuple[Tag, ...], Field(max_length=100)]


def _written(value: object) -> object:
    """A date is written out: pydantic would take a number for seconds since 1970, which nobody means."""
    is_number = isinstance(value, (int, float)) or (isinstance(value, str) and _NUMBER.fullmatch(value))
    if is_number:
        raise PydanticKnownError("datetime_type")
    return value


WRITTEN = BeforeValidator(_written)
"""Stands behind a date, or a date and time."""

Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31)), WRITTEN]
"""A day of business; leaves room to count from it, also for those who only hear of it by an event."""

ExternalRefList = Annotated[tuple[ExternalRef, ...], Field(max_length=20)]
"""Under which ids other systems know a record."""


STORED: Final = MappingProxyType({"stored": True})
"""The context in which what is kept is read again: rules that came since hold for what is entered, not for that."""


def _listed(code: str, info: ValidationInfo) -> str:
    unlisted = None if info.context is STORED else currencies.unlisted(code)
    if unlisted is not None:
        raise refusal("currency_unknown", unlisted)
    return code


Currency = Annotated[CurrencyCode, AfterValidator(_listed)]
"""The ISO 4217 code of a currency in use."""


class _Entered(BaseModel):
    currency: Currency


def _in_use(money: Money, info: ValidationInfo) -> Money:
    """The money; a currency that is not in use is told with its place."""
    if money.currency not in currencies.MINOR_UNITS:
        _Entered.model_validate({"currency": money.currency}, context=info.context)
    return money


def _not_negative(money: Money) -> Money:
    if money.amount < 0:
        raise PydanticCustomError("greater_than_equal", "Input should be greater than or equal to {ge}", {"ge": 0})
    return money


def _positive(money: Money) -> Money:
    if money.amount <= 0:
        raise PydanticCustomError("greater_than", "Input should be greater than {gt}", {"gt": 0})
    return money


def _numeric(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


NUMERIC = BeforeValidator(_numeric)
"""Stands behind a whole number's bounds: JSON's 5 and 5.0 are one, true and "5" are not, though pydantic says so."""


def _on_the_calendar(moment: datetime) -> datetime:
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        kind, text = "datetime_object_invalid", "Input should be between the years 1 and 9999 in UTC"
        raise PydanticCustomError(kind, text) from error
    return moment


Moment = Annotated[AwareDatetime, WRITTEN, AfterValidator(_on_the_calendar)]
"""A point in time, with its zone."""


def _unicode(secret: SecretStr) -> SecretStr:
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError as error:
        kind = "string_unicode"
        text = "Input should be a valid string, unable to parse raw data as a unicode string"
        raise PydanticCustomError(kind, text) from error
    return secret


Secret = Annotated[SecretStr, AfterValidator(_unicode)]
"""A text that is never shown; pydantic looks for lone surrogates in other texts only."""

EnteredMoney = Annotated[Money, AfterValidator(_in_use)]
"""An amount of money in a currency in use; contracts take any, so that what was told before can be read."""

Price = Annotated[EnteredMoney, AfterValidator(_not_negative)]
"""An amount of money that is not negative."""

Sum = Annotated[EnteredMoney, AfterValidator(_positive)]
"""An amount of money above zero."""


class Reason(BaseModel):
    """Why something is done; kept in the event and in the audit trail."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText | None = None


def ownership(body: BaseModel, caller: Caller) -> dict[str, Any]:
    """Whom a new record belongs to: the person who enters it, unless the body says otherwise or a machine does it."""
    given = {name: getattr(body, name) for name in ("owner_id", "team_id")}
    if caller.kind != "user" or given.keys() & body.model_fields_set:
        return given
    return {"owner_id": caller.id, "team_id": caller.team_id}


def absent() -> Any:
    """Stand in for a member of a merge patch that was not sent and that null cannot empty.

    Written ``Field(default_factory=absent)``, so that the API's description promises no default; never read, see
    :func:`changes_of`.
    """
    return None


def changes_of(body: BaseModel) -> dict[str, Any]:
    """What a merge patch sets: exactly the members that were sent."""
    return {name: getattr(body, name) for name in body.model_fields_set}
