"""Resources as one company has them: with its custom fields among what is shown, filtered and sorted by."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Label, Text, and_, case, exists, func, literal_column, null, or_
from sqlalchemy.sql.expression import FromClause

from crm_platform.cel import Field, field_map
from crm_platform.cel.fields import Keyed
from crm_platform.custom_fields.columns import CUSTOM, lowest, slot
from crm_platform.custom_fields.domain import CustomField
from crm_platform.custom_fields.expressions import compared_column, fields_of, names_of
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.custom_fields.formulas import keys_read, members_read
from crm_platform.custom_fields.part import CustomPart
from crm_platform.reads.sorting import Sort

if TYPE_CHECKING:
    from crm_platform.reads.resource import Hides, Resource

Condition = ColumnElement[bool]

_PARSERS: Mapping[str, Callable[[Any], Any]] = {"text": str, "number": float, "date": date.fromisoformat}


def view_of(resource: "Resource", part: CustomPart, fields: FieldSet) -> "Resource":
    """``resource`` with the custom fields of a company; made once for each revision of them."""
    if not fields.fields:
        return resource
    known = fields.views.get(id(resource))
    if known is None:
        # The resource stays alive with its view: another one at the same address would be taken for it.
        known = fields.views[id(resource)] = resource, _View(resource, part, fields).made()
    view: Resource = known[1]
    return view


class _View:
    """The making of one view."""

    def __init__(self, resource: "Resource", part: CustomPart, fields: FieldSet) -> None:
        self._resource, self._part, self._fields = resource, part, fields
        self._hiding = dict(self._veiled())

    def made(self) -> "Resource":
        """The view."""
        resource, fields = self._resource, self._fields
        sorts = dict(self._sorts())
        return replace(
            resource,
            custom=None,
            represent=self._represent,
            filters=field_map(*resource.filters.values(), *self._plain()),
            asked=field_map(*resource.asked.values(), *self._keyed()),
            sorts={**resource.sorts, **sorts},
            veils={**resource.veils, **{f"{CUSTOM}.{key}": hides for key, hides in self._hiding.items()}},
            members={CUSTOM: tuple(one.key for one in fields.active)},
            joins=dict(self._joins()),
        )

    def _veiled(self) -> Iterator[tuple[str, "Hides"]]:
        """Formulas that tell of members which are hidden in some rows, and in which."""
        for key, members in _told_by(self._fields).items():
            hides = [self._resource.veils[name] for name in members if name in self._resource.veils]
            if hides:
                yield key, _any_of(hides)

    def _represent(self, source: FromClause) -> list[Label[Any]]:
        return [
            self._shown(label, source) if label.name == CUSTOM else label for label in self._resource.represent(source)
        ]

    def _shown(self, label: Label[Any], source: FromClause) -> Label[Any]:
        element = label.element
        if self._fields.hidden:
            element = element.op("-")(literal_column(_keys(self._fields.hidden)))
        for key, hides in self._hiding.items():
            element = case((hides(source), element.op("-")(literal_column(_keys([key])))), else_=element)
        return element.label(CUSTOM)

    def _plain(self) -> Iterator[Field]:
        for one in fields_of(self._part.table.c[CUSTOM], self._fields.active):
            hides = self._hiding.get(one.name.split(".")[1])
            if hides is None or one.column is None:
                yield one
            else:
                yield replace(one, column=case((hides(self._part.table), null()), else_=one.column))

    def _indexed(self) -> Iterator[CustomField]:
        for one in self._fields.active:
            if one.slot and one.applied and one.key not in self._hiding:
                yield one

    def _keyed(self) -> Iterator[Field]:
        """Fields of lists that an index serves, in the place of the plain ones of the same name."""
        plain = {one.name: one for one in self._plain()}
        for one in self._indexed():
            field, kind = plain[names_of(one)[0]], one.compared
            if kind is None:
                yield replace(field, holding=partial(self._holding, one))
            else:
                yield replace(field, keyed=Keyed(self._slot(one), lowest(kind)))

    def _holding(self, one: CustomField, value: ColumnElement[str]) -> Condition:
        """Whether a choice is among those of a record."""
        choices, records = self._part.choices.c, self._part.table.c
        chosen = literal_column(f"'{one.key}='", Text()).concat(value)
        return exists().where(
            choices.tenant_id == records.tenant_id, choices.record_id == records.id, choices.choice == chosen
        )

    def _slot(self, one: CustomField) -> ColumnElement[Any]:
        return slot(self._part.slots, one.compared or "", one.slot or 0)

    def _joins(self) -> Iterator[tuple[str, Condition]]:
        slots, records = self._part.slots.c, self._part.table.c
        for one in self._indexed():
            if one.compared is None:
                continue
            joined = and_(
                slots.tenant_id == records.tenant_id, slots.record_id == records.id, self._slot(one).is_not(null())
            )
            yield names_of(one)[0], joined

    def _sorts(self) -> Iterator[tuple[str, Sort]]:
        indexed = {one.key for one in self._indexed()}
        tie = Sort(self._part.slots.c.record_id, self._resource.sorts["id"].parse)
        for one in self._fields.active:
            kind = one.compared
            if kind is None or one.key in self._hiding:
                continue
            if one.key in indexed:
                yield names_of(one)[0], Sort(self._slot(one), _PARSERS[kind], tie)
            else:
                value = compared_column(self._part.table.c[CUSTOM], one)
                column = func.coalesce(value, lowest(kind), type_=lowest(kind).type)
                yield names_of(one)[0], Sort(column, _PARSERS[kind])


def _told_by(fields: FieldSet) -> dict[str, frozenset[str]]:
    """The members that each formula tells of, through other formulas too."""
    told: dict[str, frozenset[str]] = {}
    for key, formula in fields.formulas.items():
        told[key] = members_read(formula).union(*(told.get(other, frozenset()) for other in keys_read(formula)))
    return told


def _any_of(hides: Iterable["Hides"]) -> "Hides":
    known = tuple(hides)
    return lambda source: or_(*(one(source) for one in known))


def _keys(keys: Iterable[str]) -> str:
    return f"'{{{','.join(sorted(keys))}}}'::text[]"
