"""All fields that a company has defined for a resource, as of one revision: what checks and completes its records."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
import structlog

from crm_contracts.custom_field.v1 import FieldType
from crm_platform.aggregate import AUTHORSHIP, AggregateState
from crm_platform.cel import CelValueError, Field, FieldMap, Formula, field_map
from crm_platform.custom_fields.converting import converted, followed
from crm_platform.custom_fields.domain import CHOSEN, MAX_BYTES, CustomField
from crm_platform.custom_fields.expressions import Sql, fields_of
from crm_platform.custom_fields.formulas import compiled, in_order, keys_read, outcome
from crm_platform.custom_fields.refused import Refused, refuse
from crm_platform.custom_fields.values import Json, canonical

_log = structlog.get_logger(__name__)

_SILENT = frozenset({"version", *AUTHORSHIP})
"""What formulas do not read: it changes with every write."""


S = TypeVar("S", bound=AggregateState)


class Completed(NamedTuple):
    """The values of a record after a change."""

    values: dict[str, Json]
    refused: tuple[tuple[str, Refused], ...]
    """What was refused, by key."""
    references: tuple[tuple[CustomField, UUID], ...]
    """Records to which the change has it refer, and which have to be there."""


class FieldSet:
    """The fields of one resource of one company.

    Attributes:
        revision: Grows with every change of a definition; 0 where nothing was ever defined.
        fields: All of them in the order in which they are shown, retired ones too.
        filters: What expressions on records read: the open fields of every record, and the custom ones.
    """

    def __init__(self, revision: int, fields: Sequence[CustomField], base: FieldMap, custom: Sql) -> None:
        self.revision = revision
        self.fields = tuple(sorted(fields, key=lambda one: (one.position, one.key)))
        self.by_key: Mapping[str, CustomField] = {one.key: one for one in self.fields}
        self.active = tuple(one for one in self.fields if one.active)
        self.hidden = frozenset(one.key for one in self.fields if not one.active)
        self.slotted = tuple(one for one in self.fields if (one.slot and one.compared) or one.unique_slot)
        self.chosen = tuple(one for one in self.fields if one.slot and one.indexed_as == CHOSEN)
        """Fields whose choices are indexed one by one."""
        self.base = base
        self.own = tuple(fields_of(custom, self.active))
        """Only the custom ones, as expressions read them."""
        self.filters: FieldMap = field_map(*base.values(), *self.own)
        self.formulas: Mapping[str, Formula] = dict(self._formulas())
        self.views: dict[int, tuple[Any, Any]] = {}
        """Views of resources for the company, by the identity of what they are views of."""

    def _formulas(self) -> Iterator[tuple[str, Formula]]:
        read, known = readable(self.filters), {}
        for one in self.active:
            if one.computed:
                try:
                    known[one.key] = compiled(one, read)
                except Refused as refused:
                    # By a change of the program, not of a definition; it gives nothing until somebody changes it.
                    _log.warning("formula_cannot_be_computed", field_id=str(one.id), error=refused.code)
        for key in in_order({key: keys_read(formula) for key, formula in known.items()}):
            yield key, known[key]

    def complete(self, before: AggregateState | None, after: AggregateState, *, enforce: bool) -> Completed:
        """The values of ``after``: what was given is checked, what is missing filled in, formulas are computed.

        What has not changed since ``before`` is not checked again, so that old values stay where choices are retired
        or bounds are narrower. ``enforce`` says whether required fields have to be there.
        """
        change = _Change(self, _values(before), _values(after), is_new=before is None, enforce=enforce)
        values = change.checked()
        self._compute(after, values)
        if len(orjson.dumps(values)) > MAX_BYTES:
            change.refused.append(("", refuse("too_big", "too much data in custom fields", "自定义字段数据过大")))
        return Completed(values, tuple(change.refused), tuple(change.references))

    def computes(self, key: str) -> bool:
        """Whether values come from a formula."""
        field = self.by_key.get(key)
        return field is not None and field.computed

    def passes_on(self, key: str, value: Json) -> bool:
        """Whether a record may be given this value of another one, or have it again.

        It is that of a field in use, within its rules of now, and neither unique nor computed.
        """
        field = self.by_key.get(key)
        if field is None or not field.active or field.computed or field.unique:
            return False
        try:
            canonical(field, value)
        except Refused:
            return False
        return True

    def read(self, cells: Mapping[str, Any]) -> tuple[dict[str, Json], list[tuple[str, Refused]]]:
        """Values of the contents of cells, by key; and what was refused of them."""
        values: dict[str, Json] = {}
        refused: list[tuple[str, Refused]] = []
        for key, cell in cells.items():
            try:
                values[key] = converted(self.by_key[key], cell) if key in self.by_key else cell
            except Refused as reason:
                refused.append((key, reason))
        return {key: value for key, value in values.items() if value is not None}, refused

    def given(self, before: Mapping[str, Json] | None, after: Mapping[str, Json]) -> dict[str, Json]:
        """What somebody has changed, who may have to answer for it: neither formulas nor defaults of new records."""
        was = {one.key: one.default for one in self.fields} if before is None else before
        keys = {key for key in was.keys() | after.keys() if was.get(key) != after.get(key)}
        return {key: after.get(key) for key in keys - self.formulas.keys()}

    def told(self, state: S) -> S:
        """The state as others hear of it: without what retired fields keep."""
        values = _values(state)
        if self.hidden.isdisjoint(values):
            return state
        return state.with_(custom={key: value for key, value in values.items() if key not in self.hidden})

    def without_hidden(self, shown: bytes) -> bytes:
        """The JSON of a record without what retired fields keep."""
        if not self.hidden:
            return shown
        record = orjson.loads(shown)
        record["custom"] = {key: value for key, value in record["custom"].items() if key not in self.hidden}
        return orjson.dumps(record)

    def _compute(self, state: AggregateState, values: dict[str, Json]) -> None:
        for key, formula in self.formulas.items():
            row = {name: _read(state, values, self.filters[name]) for name in formula.fields}
            try:
                value = outcome(formula.compute(row))
            except CelValueError:
                value = None
            if value is not None:
                values[key] = value


def readable(fields: FieldMap) -> FieldMap:
    """What formulas read of ``fields``: not what changes with every write."""
    return field_map(*(one for name, one in fields.items() if name not in _SILENT))


class _Change:
    """One change of the values of one record."""

    def __init__(
        self, fields: FieldSet, was: Mapping[str, Json], given: Mapping[str, Json], *, is_new: bool, enforce: bool
    ) -> None:
        self._fields, self._was, self._given = fields, was, given
        self._new, self._enforce = is_new, enforce
        self.refused: list[tuple[str, Refused]] = []
        self.references: list[tuple[CustomField, UUID]] = []

    def checked(self) -> dict[str, Json]:
        """The values of all fields but formulas; what is refused is noted."""
        for key in self._given.keys() - self._fields.by_key.keys() - self._was.keys():
            self.refused.append((key, refuse("unknown_field", "there is no such custom field", "没有此自定义字段")))
        return dict(self._checked())

    def _checked(self) -> Iterator[tuple[str, Json]]:
        for field in self._fields.fields:
            try:
                value = self._value(field)
            except Refused as refused:
                self.refused.append((field.key, refused))
            else:
                if value is not None:
                    yield field.key, value

    def _value(self, field: CustomField) -> Json:
        key = field.key
        was, given = self._was.get(key), self._given.get(key)
        changed = self._new or given != was
        if field.computed:
            return canonical(field, given) if changed else None
        if not field.active:
            if changed and given is not None:
                raise refuse("retired_field", "the field is not in use any more", "该字段已停用")
            return was
        if not changed:
            return followed(field, was)
        value = canonical(field, field.default if self._new and key not in self._given else given)
        if value is None and field.required and self._enforce:
            raise refuse("missing", "required", "必填")
        if value is not None and field.type is FieldType.REFERENCE:
            self.references.append((field, UUID(value)))
        return value


def _values(state: AggregateState | None) -> Mapping[str, Json]:
    return {} if state is None else state.custom  # type: ignore[attr-defined]


def _read(state: AggregateState, values: Mapping[str, Json], field: Field) -> Any:
    first, *rest = field.name.split(".")
    found: Any = values if first == "custom" else getattr(state, first)
    for name in rest:
        found = found.get(name) if isinstance(found, Mapping) else getattr(found, name, None)
    return found
