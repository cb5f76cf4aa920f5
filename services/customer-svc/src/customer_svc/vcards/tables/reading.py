"""The rows of a table as cards, so that they are understood as these are; and at which customer each is."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from crm_contracts.imports.v1 import MatchRule
from crm_platform.cleaning.choices import cleaned_boolean, cleaned_choice
from crm_platform.cleaning.dates import cleaned_date
from crm_platform.cleaning.outcome import NotUnderstood
from crm_platform.files.formats import Format, Options, open_rows
from crm_platform.files.rows import Row, Value
from crm_platform.mapping.suggest import Source, suggestions
from crm_platform.words import Words
from customer_svc.imports import service as imports
from customer_svc.values.names import is_han
from customer_svc.vcards.tables.fields import BY_NAME, CUSTOMERS, FIELDS

_SAMPLED: Final = 200
_ADDRESS: Final = {
    "country": "country",
    "region": "province",
    "locality": "city",
    "extended": "district",
    "street": "street",
    "code": "postal_code",
}
"""Parts of an address on a card, and the fields that hold them."""

_FIELDS: Final = {"tel": "phone", "email": "email", "url": "website", "bday": "birthday"}
"""Of which fields properties are made that may be doubtful."""

Remark = tuple[str, str, Words]
"""Of which column or field, by which rule, in words."""


@dataclass(frozen=True, slots=True)
class Named:
    """The customer that a row names.

    Attributes:
        rule: By what.
        said: As it stands in the file.
    """

    rule: MatchRule
    said: str


@dataclass(slots=True)
class Person:
    """What a row says of a contact.

    Attributes:
        row: The row.
        card: As a card would say it.
        at: The customers at which it is, what counts first being first.
        link: What it is there.
        remarks: Cells that were not understood, and left out.
    """

    row: Row
    card: dict[str, Any]
    at: list[Named] = field(default_factory=list)
    link: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A file of contacts.

    Attributes:
        columns: Its columns, each with the field that it holds; None where none was recognised.
        people: What its rows say.
    """

    columns: Mapping[str, str | None]
    people: list[Person]

    def column_of(self, name: str) -> str:
        """The column of a field, or of what was made a property of a card; a column is its own."""
        wanted = _FIELDS.get(name, name)
        return next((column for column, field in self.columns.items() if field == wanted), name)


def read_table(file: bytes, format: Format, most: int) -> Table:
    """The contacts of a CSV file or a workbook, up to one more than ``most``.

    Raises:
        UnreadableFile: It is none.
    """
    with open_rows(io.BytesIO(file), Options(format=format)) as rows:
        found = list(islice(rows.read(), most + 1))
        sample = found[:_SAMPLED]
        sources = [Source(name, [one.values.get(name) for one in sample]) for name in rows.columns]
        columns = _columns(sources)
        return Table(columns, [_person(row, columns) for row in found])


def _columns(sources: Sequence[Source]) -> dict[str, str | None]:
    """What columns hold: as their names say, whatever is in them, or else by what their values look like."""
    named = {one.column: one.target for one in suggestions([Source(one.name) for one in sources], FIELDS)}
    free = [one for one in FIELDS if one.many or one.name not in named.values()]
    found = suggestions([one for one in sources if named[one.name] is None], free)
    return named | {one.column: one.target for one in found}


def _person(row: Row, columns: Mapping[str, str | None]) -> Person:
    person = Person(row, {})
    said: dict[str, list[str]] = {}
    for column, name in columns.items():
        if name is None:
            continue
        try:
            said.setdefault(name, []).extend(_texts(name, row.values.get(column)))
        except NotUnderstood as reason:
            person.remarks.append((column, reason.code, reason.words))
    first = {name: texts[0] for name, texts in said.items() if texts}
    person.card = {name: value for name, value in _card(said, first) if value}
    person.at = [Named(rule, first[name]) for name, rule in CUSTOMERS.items() if name in first]
    link = {name: first[name] for name in ("title", "department", "role", "decision_role") if name in first}
    person.link = link | ({"primary": True} if first.get("primary") == _YES else {})
    return person


_YES: Final = "true"


def _texts(name: str, value: Value) -> list[str]:
    """What a cell says for a field, as the members of contacts are written."""
    texts = imports.texts_of(value, BY_NAME[name].kind)
    if name == "primary":
        return [_YES for one in texts if cleaned_boolean(one).value]
    if name == "decision_role":
        return [cleaned_choice(one, BY_NAME[name].choices).value for one in texts]
    if name == "birthday":
        return [_day(value, one) for one in texts]
    return texts


def _day(value: Value, text: str) -> str:
    """A day as cards have it; one without a year is left to them."""
    try:
        return cleaned_date(text if isinstance(value, str) else value).value.isoformat()
    except NotUnderstood:
        return text


def _card(said: Mapping[str, list[str]], first: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The properties of a card (RFC 6350) that says the same."""
    family, given = first.get("family_name", ""), first.get("given_name", "")
    yield "fn", first.get("name") or (f"{family}{given}" if is_han(family + given) else f"{given} {family}".strip())
    yield "n", {name: text for name, text in (("family", family), ("given", given)) if text}
    yield "x-name-latin", first.get("name_latin")
    yield "nickname", said.get("nickname")
    yield "uid", first.get("external_id")
    for name, field_name in (("tel", "phone"), ("email", "email"), ("url", "website")):
        yield name, [{"value": text} for text in said.get(field_name, ())]
    yield "x-wechat", said.get("wechat")
    if "customer_name" in first or "department" in first:
        yield "org", [first.get("customer_name"), *said.get("department", ())]
    yield "title", first.get("title")
    yield "bday", first.get("birthday")
    address = {part: first[name] for part, name in _ADDRESS.items() if name in first}
    yield "adr", [address] if address else []
    yield "categories", said.get("tags")
    yield "note", first.get("notes")
