"""What a row says: a customer that might be, the fields that it sets, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.imports.v1 import BadCells, ImportMapping, MatchRule
from crm_platform.cleaning.outcome import NotUnderstood
from crm_platform.files.rows import Row, Rows, Value, flat
from crm_platform.http.validation_messages import described
from crm_platform.ids import new_id
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.imports.rows.cells import ADDRESS, NAME_PARTS, body_of, cleaned_cell, cleaned_constants
from customer_svc.imports.rows.fields import target_of
from customer_svc.imports.rows.transforms import shaped
from customer_svc.intake import customers
from customer_svc.values.refused import AllRefused, Refused


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


class Parent(NamedTuple):
    """Whom a row names as a parent company.

    Attributes:
        rule: By what.
        said: As it stands in the file.
    """

    rule: MatchRule
    said: str


@dataclass(frozen=True, slots=True)
class Named:
    """A person or team whom a row names.

    Attributes:
        said: As it stands in the file.
        column: In which column; None where it is said of all rows.
        place: Where that is, in both languages.
    """

    said: str
    column: str | None
    place: Words


@dataclass(slots=True)
class Draft:
    """What a row says.

    Attributes:
        number: Row of the file.
        fields: The members of a customer that it sets.
        customer: The customer that it would be alone; None where cells cannot be read.
        has_name: Whether it names the customer.
        places: The parts of the address that it sets.
        parent: Whom it names as the parent company.
        owner: The person to whom it gives the customer.
        team: The team to which it gives the customer.
        problems: What is wrong; then it has no effect.
        left_out: What was wrong, where the mapping wants a row without its bad cells.
    """

    number: int
    fields: frozenset[str] = frozenset()
    customer: Customer | None = None
    has_name: bool = False
    places: frozenset[str] = frozenset()
    parent: Parent | None = None
    owner: Named | None = None
    team: Named | None = None
    problems: list[CellProblem] = field(default_factory=list)
    left_out: list[CellProblem] = field(default_factory=list)


_MOST_OFTEN: Final = 1000
"""Values of one column that are remembered: those that come first, among which are those that come often."""


class Understanding:
    """Reads the rows of one file under one mapping.

    What often stands in a column is cleaned once: kinds, grades, places.
    """

    def __init__(self, mapping: ImportMapping, rows: Rows) -> None:
        self.mapping = mapping
        self._rows = rows
        self._targets = [(one, target_of(one.field)) for one in mapping.columns]
        self._order: dict[str | None, int] = {one.column: place for place, one in enumerate(mapping.columns)}
        self._is_nested = rows.format in {"jsonl", "vcard"}
        self._constants = cleaned_constants(mapping)
        self._often: list[dict[str, list[Any]]] = [{} for _ in mapping.columns]

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
    ) -> tuple[dict[str, list[Any]], dict[str, list[str | None]]]:
        """The cleaned values of each field, and the columns from which they are."""
        values: dict[str, list[Any]] = {}
        sources: dict[str, list[str | None]] = {}
        for place, (mapped, target) in enumerate(self._targets):
            try:
                found = self._cleaned(place, shaped(cells, mapped))
            except NotUnderstood as reason:
                draft.problems.append(self._problem(row, mapped.column, reason.code, reason.words))
                continue
            values.setdefault(target.name, []).extend(found)
            sources.setdefault(target.name, []).extend([mapped.column] * len(found))
        for name, constant in self._constants.items():
            if not values.get(name):
                values[name], sources[name] = list(constant), [None] * len(constant)
        return values, sources

    def _cleaned(self, place: int, value: Value) -> list[Any]:
        """The values of a cell of the column at ``place`` of the mapping."""
        mapped, target = self._targets[place]
        if not isinstance(value, str):
            return list(cleaned_cell(value, mapped, target, self.mapping))
        known = self._often[place]
        found = known.get(value)
        if found is None:
            found = list(cleaned_cell(value, mapped, target, self.mapping))
            if len(known) < _MOST_OFTEN:
                known[value] = found
        return found

    def _complete(
        self, row: Row, values: dict[str, list[Any]], sources: dict[str, list[str | None]], draft: Draft
    ) -> None:
        body = body_of(values, self.mapping)
        draft.parent = _parent(values)
        draft.owner, draft.team = (self._named(row, name, values, sources) for name in ("owner", "team"))
        draft.has_name = "name" in body
        draft.fields = frozenset(body)
        draft.places = frozenset(name for name in ADDRESS if values.get(name))
        changes = self._parsed(row, body, sources, draft)
        draft.customer, refusals = self._customer(changes)
        for one in refusals:
            draft.problems.append(self._problem(row, _column(one.place, sources), one.code, one.words))
        draft.problems.sort(key=lambda one: self._order.get(one.column, -1))
        if self.mapping.bad_cells is BadCells.LEAVE_OUT:
            self._leave_out(changes, refusals, draft)
        elif draft.problems:
            draft.customer = None

    def _named(
        self, row: Row, field: str, values: Mapping[str, list[Any]], sources: Mapping[str, list[str | None]]
    ) -> Named | None:
        if not values.get(field):
            return None
        column = sources[field][0]
        return Named(values[field][0], column, self._rows.place(row, column).words())

    def _customer(self, changes: Mapping[str, Any]) -> tuple[Customer | None, list[Refused]]:
        kind = changes.get("kind", CustomerKind(self.mapping.kind))
        start = Customer(id=new_id(), name=changes.get("name", ""), kind=kind)
        try:
            return start.changed(changes, country=self.mapping.country), []
        except AllRefused as refused:
            return None, list(refused.refusals)

    def _leave_out(self, changes: dict[str, Any], refusals: Sequence[Refused], draft: Draft) -> None:
        """Make what is wrong with single cells a remark, and the customer one without them."""
        if refusals:
            changes = _without(changes, [one.place for one in refusals])
            draft.customer, again = self._customer(changes)
            if again:
                return
        draft.fields &= frozenset(changes)
        draft.left_out, draft.problems = draft.problems, []

    def _parsed(
        self, row: Row, body: dict[str, Any], sources: dict[str, list[str | None]], draft: Draft
    ) -> dict[str, Any]:
        """The body as its schema reads it; what it refuses is told and left out, so that the rest is looked at too."""
        try:
            return customers.parsed_changes(body)
        except ValidationError as error:
            refusals = error.errors(include_url=False)
        for found in refusals:
            column = _column(found["loc"], sources)
            draft.problems.append(self._problem(row, column, found["type"], described(found)))
        return customers.parsed_changes(_without(body, [found["loc"] for found in refusals]))

    def _problem(self, row: Row, column: str | None, code: str, words: Words) -> CellProblem:
        place = self._rows.place(row, column).words()
        return CellProblem(column, code, place, words)


def _without(body: Mapping[str, Any], places: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """A body without what stands at some places: entries of lists, or else whole members."""
    entries = {(place[0], place[1]) for place in places if len(place) > 1 and isinstance(place[1], int)}
    whole = {place[0] for place in places if place and (len(place) == 1 or not isinstance(place[1], int))}
    left = {name: value for name, value in body.items() if name not in whole}
    for name in {name for name, _ in entries} & left.keys():
        kept = [one for place, one in enumerate(left[name]) if (name, place) not in entries]
        left[name] = kept
        if not kept:
            del left[name]
    return left


_MEMBERS = {
    "phones": "phone",
    "emails": "email",
    "external_refs": "external_id",
    "identity_documents": "identity_number",
}


def _column(place: tuple[Any, ...], sources: Mapping[str, list[str | None]]) -> str | None:
    """The column from which the value at a place of the body is."""
    if not place:
        return None
    name = _MEMBERS.get(str(place[0]), str(place[0]))
    if name == "address" and len(place) > 1:
        name = str(place[1])
    if name == "name" and not sources.get(name):
        name = next((one for one in NAME_PARTS if sources.get(one)), name)
    columns = sources.get(name, [])
    index = place[1] if len(place) > 1 and isinstance(place[1], int) else 0
    return columns[min(index, len(columns) - 1)] if columns else None


PARENTS: Mapping[str, MatchRule] = {
    "parent_external_id": MatchRule.EXTERNAL_ID,
    "parent_registration_id": MatchRule.REGISTRATION_ID,
    "parent_name": MatchRule.NAME,
}
"""What tells a parent company; what counts first stands first."""


def _parent(values: Mapping[str, list[Any]]) -> Parent | None:
    return next((Parent(rule, values[name][0]) for name, rule in PARENTS.items() if values.get(name)), None)
