"""What a row says: a customer that might be, the fields that it sets, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.imports.v1 import ImportMapping, MappedColumn
from crm_platform.cleaning.choices import cleaned_choice
from crm_platform.cleaning.numbers import cleaned_integer, cleaned_money
from crm_platform.cleaning.outcome import NotUnderstood
from crm_platform.cleaning.text import cleaned_or_nothing
from crm_platform.files.rows import Row, Rows, Value, flat
from crm_platform.files.writing import as_text
from crm_platform.http.validation_messages import described
from crm_platform.ids import new_id
from crm_platform.mapping.targets import Target, TargetKind
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.imports.rows.fields import BY_NAME
from customer_svc.intake import customers
from customer_svc.values.refused import AllRefused

ADDRESS = ("country", "province", "city", "district", "street", "postal_code")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell, or with the row as a whole.

    Attributes:
        column: The column; None for the row.
        code: Stable name of the rule.
        place: Where it is, in both languages; empty for the row.
        words: What is wrong.
    """

    column: str | None
    code: str
    place: Words
    words: Words


@dataclass(slots=True)
class Draft:
    """What a row says.

    Attributes:
        number: Row of the file.
        fields: The members of a customer that it sets.
        customer: The customer that it would be alone; None where cells cannot be read.
        has_name: Whether it names the customer.
        places: The parts of the address that it sets.
        problems: What is wrong; then it has no effect.
    """

    number: int
    fields: frozenset[str] = frozenset()
    customer: Customer | None = None
    has_name: bool = False
    places: frozenset[str] = frozenset()
    problems: list[CellProblem] = field(default_factory=list)


class Understanding:
    """Reads the rows of one file under one mapping."""

    def __init__(self, mapping: ImportMapping, rows: Rows) -> None:
        self._mapping = mapping
        self._rows = rows
        self._targets = [(one, BY_NAME[one.field]) for one in mapping.columns]
        self._order: dict[str | None, int] = {one.column: place for place, one in enumerate(mapping.columns)}
        self._is_nested = rows.format in {"jsonl", "vcard"}

    def draft(self, row: Row) -> Draft:
        """What ``row`` says."""
        draft = Draft(row.number)
        for problem in row.problems:
            empty = Words("", "")
            draft.problems.append(CellProblem(problem.place.column, problem.code, empty, problem.words()))
        if draft.problems:
            return draft
        cells = flat(row.values) if self._is_nested else row.values
        values, sources = self._values(row, cells, draft)
        self._complete(row, values, sources, draft)
        return draft

    def _values(
        self, row: Row, cells: Mapping[str, Value], draft: Draft
    ) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
        """The cleaned values of each field, and the columns from which they are."""
        values: dict[str, list[Any]] = {}
        sources: dict[str, list[str]] = {}
        for mapped, target in self._targets:
            try:
                found = list(_cleaned(cells.get(mapped.column), mapped, target, self._mapping))
            except NotUnderstood as reason:
                draft.problems.append(self._problem(row, mapped.column, reason.code, reason.words))
                continue
            values.setdefault(target.name, []).extend(found)
            sources.setdefault(target.name, []).extend([mapped.column] * len(found))
        return values, sources

    def _complete(self, row: Row, values: dict[str, list[Any]], sources: dict[str, list[str]], draft: Draft) -> None:
        body = _body(values, self._mapping)
        draft.has_name = "name" in body
        draft.fields = frozenset(body)
        draft.places = frozenset(name for name in ADDRESS if values.get(name))
        changes = self._parsed(row, body, sources, draft)
        start = Customer(id=new_id(), name=changes.get("name", ""), kind=CustomerKind(self._mapping.kind))
        try:
            customer = start.changed(changes)
        except AllRefused as refused:
            for one in refused.refusals:
                draft.problems.append(self._problem(row, _column(one.place, sources), one.code, one.words))
        else:
            draft.customer = None if draft.problems else customer
        draft.problems.sort(key=lambda one: self._order.get(one.column, -1))

    def _parsed(self, row: Row, body: dict[str, Any], sources: dict[str, list[str]], draft: Draft) -> dict[str, Any]:
        """The body as its schema reads it; what it refuses is told and left out, so that the rest is looked at too."""
        try:
            return customers.parsed_changes(body)
        except ValidationError as error:
            refusals = error.errors(include_url=False)
        for found in refusals:
            column = _column(found["loc"], sources)
            draft.problems.append(self._problem(row, column, found["type"], described(found)))
        refused = {found["loc"][0] for found in refusals}
        return customers.parsed_changes({name: value for name, value in body.items() if name not in refused})

    def _problem(self, row: Row, column: str | None, code: str, words: Words) -> CellProblem:
        place = self._rows.place(row, column).words()
        return CellProblem(column, code, place, words)


def _cleaned(value: Value, mapped: MappedColumn, target: Target, mapping: ImportMapping) -> Iterator[Any]:
    """The values of one cell."""
    if isinstance(value, list):
        for one in value:
            yield from _cleaned(one, mapped, target, mapping)
        return
    if value is None or (isinstance(value, str) and not value.strip()):
        value = mapped.default
    if isinstance(value, str) and mapped.values:
        value = mapped.values.get(value.strip(), value)
    if value is None:
        return
    parts = value.split(mapped.separator) if mapped.separator and isinstance(value, str) else [value]
    for part in parts:
        yield from _one_value(part, mapped, target, mapping)


def _one_value(value: Value, mapped: MappedColumn, target: Target, mapping: ImportMapping) -> Iterator[Any]:
    if isinstance(value, str) and cleaned_or_nothing(value).value is None:
        return
    match target.kind:
        case TargetKind.INTEGER:
            yield cleaned_integer(value, decimal_mark=mapping.decimal_mark).value
        case TargetKind.MONEY:
            found = cleaned_money(value, currency=mapped.currency, decimal_mark=mapping.decimal_mark).value
            yield {"amount": _four_places(found.amount), "currency": found.currency}
        case TargetKind.CHOICE:
            yield cleaned_choice(value, choices=target.choices).value
        case TargetKind.URL:
            text = cleaned_or_nothing(as_text(value)).value or ""
            yield text if "://" in text else f"https://{text}"
        case _:
            plain = cleaned_or_nothing(_whole(value)).value
            if plain is not None:
                yield plain


def _whole(value: Value) -> str:
    """A cell as text; what a spreadsheet holds as the number 13800138000.0 is the text 13800138000."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return as_text(value)


def _four_places(amount: Decimal) -> Decimal:
    """Money has four places; what a spreadsheet computes has more."""
    return amount if amount == amount.quantize(_PLACES) else amount.quantize(_PLACES)


_PLACES = Decimal("0.0001")


def _body(values: Mapping[str, list[Any]], mapping: ImportMapping) -> dict[str, Any]:
    """The values as a client would send them."""
    given = {name: found for name, found in values.items() if found}
    body: dict[str, Any] = {}
    for name, found in given.items():
        if name == "phone":
            body["phones"] = [{"number": one} for one in dict.fromkeys(found)]
        elif name == "email":
            body["emails"] = [{"address": one} for one in dict.fromkeys(found)]
        elif name == "tags":
            body["tags"] = list(dict.fromkeys(found))
        elif name == "external_id":
            body["external_refs"] = [{"system": mapping.system, "external_id": found[0]}]
        elif name not in ADDRESS:
            body[name] = found[0]
    if address := {name: given[name][0] for name in ADDRESS if name in given}:
        body["address"] = {"country": mapping.country} | address
    return body


_MEMBERS = {"phones": "phone", "emails": "email", "external_refs": "external_id"}


def _column(place: tuple[Any, ...], sources: Mapping[str, list[str]]) -> str | None:
    """The column from which the value at a place of the body is."""
    if not place:
        return None
    name = _MEMBERS.get(str(place[0]), str(place[0]))
    if name == "address" and len(place) > 1:
        name = str(place[1])
    columns = sources.get(name, [])
    index = place[1] if len(place) > 1 and isinstance(place[1], int) else 0
    return columns[min(index, len(columns) - 1)] if columns else None
