"""Cells of a row as values of fields, and these as what a client would send."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from crm_contracts.customer.v1 import CustomerKind, IdentityDocumentKind
from crm_contracts.imports.v1 import ImportMapping, MappedColumn
from crm_platform.cleaning.choices import cleaned_choice
from crm_platform.cleaning.dates import Order, cleaned_year
from crm_platform.cleaning.numbers import cleaned_integer, cleaned_money
from crm_platform.cleaning.outcome import NotUnderstood
from crm_platform.cleaning.text import cleaned_or_nothing
from crm_platform.files.rows import Value
from crm_platform.files.writing import as_text
from crm_platform.mapping.targets import Target, TargetKind
from customer_svc.imports.rows.fields import CUSTOM, target_of
from customer_svc.imports.rows.transforms import whole
from customer_svc.values.countries import country_of
from customer_svc.values.names import is_han, name_key

ADDRESS = ("country", "province", "city", "district", "street", "postal_code")
NAME_PARTS = ("given_name", "family_name")
_ASIDE = frozenset(
    {*ADDRESS, *NAME_PARTS, "parent_external_id", "parent_registration_id", "parent_name", "owner", "team"}
)
"""Fields that are no members of a customer by themselves."""


def cleaned_constants(mapping: ImportMapping) -> dict[str, list[Any]]:
    """What rows say that do not say otherwise, by field.

    Raises:
        NotUnderstood: It is no value of its field.
    """
    return {
        name: list(cleaned_cell(text, MappedColumn(column=name, field=name), target_of(name), mapping))
        for name, text in mapping.constants.items()
    }


def cleaned_cell(value: Value, mapped: MappedColumn, target: Target, mapping: ImportMapping) -> Iterator[Any]:
    """The values of one cell.

    Raises:
        NotUnderstood: It is none of the field.
    """
    if isinstance(value, list):
        for one in value:
            yield from cleaned_cell(one, mapped, target, mapping)
        return
    if value is None or (isinstance(value, str) and not value.strip()):
        value = mapped.default
    if isinstance(value, str) and mapped.values:
        value = mapped.values.get(value.strip(), value)
    if value is None:
        return
    for part in _parts(value, mapped, target):
        yield from _one_value(part, mapped, target, mapping)


def _parts(value: Value, mapped: MappedColumn, target: Target) -> list[Value]:
    if not isinstance(value, str):
        return [value]
    return list(value.split(mapped.separator) if mapped.separator else _told_apart(value, target.kind))


def _told_apart(text: str, kind: TargetKind) -> list[str]:
    """The values of a cell that holds several: phones and addresses of mail are told apart without being asked to."""
    if kind in _HOLDS:
        parts = [part for part in _BETWEEN.split(text) if part.strip()]
        if len(parts) > 1 and all(map(_HOLDS[kind].search, parts)):
            return parts
    return [text]


def texts_of(value: Value, kind: TargetKind) -> list[str]:
    """The texts in a cell, cleaned; none where it is empty, several only of kinds that are told apart."""
    if value is None or isinstance(value, list):
        return [text for one in value or () for text in texts_of(one, kind)]
    found = (cleaned_or_nothing(part).value for part in _told_apart(whole(value), kind))
    return [text for text in found if text is not None]


_BETWEEN = re.compile(r"[;；、,，/|\n]")
_HOLDS = {TargetKind.PHONE: re.compile(r"(?:\D*\d){7}"), TargetKind.EMAIL: re.compile("@")}
"""What each part of a cell has, if it is one of several values."""
_COUNTED = re.compile(r"(?:约|大约|近|~|≈)?\s*(.*?\d.*?)\s*(?:人|名|位|天|日|people|employees|days?)?\s*(?:左右|以上)?")


def _figure(value: Value) -> Value:
    """A number without what is counted: ``约 50 人`` is 50."""
    found = _COUNTED.fullmatch(value.strip()) if isinstance(value, str) else None
    return value if found is None else found[1]


def _code_of(value: Value) -> str:
    code = country_of(whole(value))
    if code is None:
        raise NotUnderstood("not_a_country", value)
    return code


def _one_value(value: Value, mapped: MappedColumn, target: Target, mapping: ImportMapping) -> Iterator[Any]:
    plain = cleaned_or_nothing(value).value if isinstance(value, str) else value
    if isinstance(value, str) and plain is None:
        return
    read = _READ.get(target.kind)
    if read is not None:
        yield read(value, mapped, target, mapping)
    elif target.name == "country":
        yield _code_of(value)
    elif isinstance(value, str):
        yield plain
    elif (text := cleaned_or_nothing(whole(value)).value) is not None:
        yield text


def _money(value: Value, mapped: MappedColumn, _: Target, mapping: ImportMapping) -> dict[str, Any]:
    found = cleaned_money(value, currency=mapped.currency, decimal_mark=mapping.decimal_mark).value
    return {"amount": _four_places(found.amount), "currency": found.currency}


def _integer(value: Value, _: MappedColumn, __: Target, mapping: ImportMapping) -> int:
    return cleaned_integer(_figure(value), decimal_mark=mapping.decimal_mark).value


def _year(value: Value, _: MappedColumn, __: Target, mapping: ImportMapping) -> int:
    return cleaned_year(value, order=Order(mapping.date_order) if mapping.date_order else None).value


def _choice(value: Value, _: MappedColumn, target: Target, __: ImportMapping) -> str:
    return cleaned_choice(value, choices=target.choices).value


def _url(value: Value, _: MappedColumn, __: Target, ___: ImportMapping) -> str:
    text = cleaned_or_nothing(as_text(value)).value or ""
    return text if "://" in text else f"https://{text}"


_READ: Mapping[TargetKind, Callable[[Value, MappedColumn, Target, ImportMapping], Any]] = {
    TargetKind.INTEGER: _integer,
    TargetKind.YEAR: _year,
    TargetKind.MONEY: _money,
    TargetKind.CHOICE: _choice,
    TargetKind.URL: _url,
}
"""What makes a value of a cell; kinds that are not here are texts."""


def _four_places(amount: Decimal) -> Decimal:
    """Money has four places; what a spreadsheet computes has more."""
    return amount if amount == amount.quantize(_PLACES) else amount.quantize(_PLACES)


_PLACES = Decimal("0.0001")


def body_of(values: Mapping[str, list[Any]], mapping: ImportMapping) -> dict[str, Any]:
    """The values as a client would send them."""
    given = {name: found for name, found in values.items() if found}
    custom = {name: given.pop(name) for name in list(given) if name.startswith(CUSTOM)}
    body = {name: found[0] for name, found in given.items() if name not in _ASIDE and name not in _LISTS}
    if custom:
        body["custom"] = {name.removeprefix(CUSTOM): "|".join(map(str, found)) for name, found in custom.items()}
    if phones := given.get("phone"):
        body["phones"] = [{"number": one} for one in dict.fromkeys(phones)]
    if emails := given.get("email"):
        body["emails"] = [{"address": one} for one in dict.fromkeys(emails)]
    if tags := given.get("tags"):
        body["tags"] = list(dict.fromkeys(tags))
    if external := given.get("external_id"):
        body["external_refs"] = [{"system": mapping.system, "external_id": external[0]}]
    if document := given.get("identity_number"):
        kind = IdentityDocumentKind.RESIDENT_ID
        body["identity_documents"] = [{"kind": kind, "number": document[0], "country": "CN"}]
    if any(name in given for name in NAME_PARTS) and _is_of_person(body.get("name"), given):
        body = {"kind": CustomerKind.PERSON, "name": _full_name(given)} | body
    if document:
        body = {"kind": CustomerKind.PERSON} | body
    if address := {name: _line(given[name]) for name in ADDRESS if name in given}:
        body["address"] = {"country": mapping.country} | address
    return body


_LISTS = frozenset({"phone", "email", "tags", "external_id", "identity_number"})


def _is_of_person(name: str | None, given: Mapping[str, list[Any]]) -> bool:
    """Whether a row is about the person whose names it has, and not about a company where they are to be found."""
    parts = [name_key(given[part][0]) for part in NAME_PARTS if part in given]
    return name is None or all(part in name_key(name) for part in parts)


def _full_name(given: Mapping[str, list[Any]]) -> str:
    first, family = (given.get(name, [""])[0] for name in NAME_PARTS)
    return f"{family}{first}" if is_han(family + first) else f"{first} {family}".strip()


def _line(parts: list[Any]) -> str:
    """A line of an address, which may be in several columns: Chinese without blanks in between."""
    return ("" if any(map(is_han, parts)) else " ").join(dict.fromkeys(parts))
