"""Use cases of the definitions of custom fields."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from crm_contracts.custom_field.v1 import (
    CustomFieldCreated,
    CustomFieldRestored,
    CustomFieldRetired,
    CustomFieldUpdated,
    FieldStatus,
)
from crm_platform.custom_fields.applying import Application, application
from crm_platform.custom_fields.definitions import problems
from crm_platform.custom_fields.domain import INDEXES, MAX_FIELDS, NOUN, UNIQUE_SLOTS, CustomField
from crm_platform.custom_fields.errors import (
    FieldActive,
    FieldInUse,
    FieldNotActive,
    TooManyFields,
)
from crm_platform.custom_fields.formulas import compiled, in_order, keys_read, result_of
from crm_platform.custom_fields.model import CUSTOM_FIELDS, Customisable, Customised
from crm_platform.custom_fields.refused import Refused
from crm_platform.custom_fields.repository import next_revision
from crm_platform.custom_fields.schemas import CustomFieldCreate, CustomFieldUpdate
from crm_platform.errors import AlreadyExists, FieldProblem, InvalidPayload
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.operations.begin import begin
from crm_platform.reads import Rendered
from crm_platform.uow import Event, UnitOfWork

_REWRITING: Final = ("type", "expression")
"""Members whose change makes values others."""


class Definitions:
    """All fields of one resource, while one of them changes; nobody else changes any until the transaction ends."""

    def __init__(self, unit: UnitOfWork, records: Customised, revision: int, fields: Sequence[CustomField]) -> None:
        self._unit, self._records, self._revision = unit, records, revision
        self.fields = fields

    @classmethod
    async def of(cls, unit: UnitOfWork, records: Customised) -> "Definitions":
        """Begin a change."""
        revision, fields = await next_revision(unit.connection, records.part.resource)
        return cls(unit, records, revision, fields)

    def checked(self, before: CustomField | None, after: CustomField) -> CustomField:
        """The field after a change, with its slots and the type of its values, if all fields hold together.

        Raises:
            InvalidPayload: The definition is none.
            TooManyFields: There are as many as there can be.
            FieldInUse: A formula that reads it cannot be used any more.
        """
        others = [one for one in self.fields if one.id != after.id]
        if before is None and len(others) >= MAX_FIELDS:
            raise TooManyFields(limit=MAX_FIELDS, kind="custom")
        found = problems(after, before, self._records.part.targets)
        if found:
            raise self._invalid(found)
        after = self._slotted(others, self._resulting(others, before, after))
        self._check_formulas(others, after)
        return after

    def _resulting(self, others: Sequence[CustomField], before: CustomField | None, after: CustomField) -> CustomField:
        """The field with the type of its values."""
        if not after.computed:
            return after.with_(result=None)
        known = [*others, after.with_(result=None if before is None else before.result)]
        try:
            return after.with_(result=result_of(compiled(after, self._records.part.read_by_formulas(known))))
        except Refused as refused:
            raise self._invalid([("expression", refused)]) from refused

    def _check_formulas(self, others: Sequence[CustomField], after: CustomField) -> None:
        """See that what others read of the field is still there, and that no formula reads itself."""
        read = self._records.part.read_by_formulas([*others, after])
        reads = {}
        for one in (*others, after):
            if one.active and one.computed:
                try:
                    formula = compiled(one, read)
                except Refused as refused:
                    raise FieldInUse(formula=one.key, message=refused.words) from refused
                if result_of(formula) is not one.result:
                    raise FieldInUse(formula=one.key, message=NOUN)
                reads[one.key] = keys_read(formula)
        try:
            in_order(reads)
        except Refused as refused:
            raise self._invalid([("expression", refused)]) from refused

    def _slotted(self, others: Sequence[CustomField], after: CustomField) -> CustomField:
        kind = after.indexed_as if after.indexed else None
        if after.indexed and kind is None:
            raise TooManyFields(limit=0, kind=f"indexed {after.holds}")
        taken: set[int | None] = {one.slot for one in others if one.slot and one.indexed_as == kind}
        slot = self._place(after.slot, taken, INDEXES[kind], f"indexed {kind}") if kind else None
        unique = {one.unique_slot for one in others}
        place = self._place(after.unique_slot, unique, UNIQUE_SLOTS, "unique") if after.unique else None
        return after.with_(slot=slot, unique_slot=place)

    def _place(self, own: int | None, taken: set[int | None], number: int, kind: str) -> int:
        if own is not None and own not in taken and own <= number:
            return own
        free = [place for place in range(1, number + 1) if place not in taken]
        if not free:
            raise TooManyFields(limit=number, kind=kind)
        return free[0]

    def _invalid(self, found: Sequence[tuple[str, Refused]]) -> InvalidPayload:
        errors: list[FieldProblem] = [one.at(f"/{name}", self._unit.caller.language) for name, one in found]
        return InvalidPayload(count=len(errors), errors=errors)


async def create_field(unit: UnitOfWork, body: CustomFieldCreate, records: Customisable) -> Rendered:
    """Define a field.

    Raises:
        InvalidPayload: The definition is none.
        AlreadyExists: The resource has a field with this key, or had one.
        TooManyFields: There are as many as there can be.
    """
    ours = records[body.resource]
    definitions = await Definitions.of(unit, ours)
    field = CustomField.model_validate({"id": new_id(), **_told(dict(body))})
    if any(one.key == field.key for one in definitions.fields):
        raise AlreadyExists(what=NOUN, field="key")
    after = _marked(None, definitions.checked(None, field))
    rendered = await unit.insert(CUSTOM_FIELDS, after, CustomFieldCreated)
    await _apply(unit, after, records)
    return rendered


async def update_field(
    unit: UnitOfWork, id: UUID, body: CustomFieldUpdate, records: Customisable, *, if_match: object
) -> Rendered:
    """Change a definition; refusals are those of a new one, and those of every change."""
    before = await _load(unit, id, if_match=if_match)
    changes = _told(changes_of(body))
    return await _change(unit, before, before.with_(**changes), records, CustomFieldUpdated)


async def retire_field(unit: UnitOfWork, id: UUID, records: Customisable, *, if_match: object) -> Rendered:
    """Take a field out of use; its values are kept.

    Raises:
        FieldNotActive: It is retired.
        FieldInUse: A formula reads it.
    """
    before = await _load(unit, id, if_match=if_match)
    return await _change(unit, before, before.with_(status=FieldStatus.RETIRED), records, CustomFieldRetired)


async def restore_field(unit: UnitOfWork, id: UUID, records: Customisable, *, if_match: object) -> Rendered:
    """Take a field into use again.

    Raises:
        FieldActive: It is in use.
    """
    before: CustomField = await unit.load(CUSTOM_FIELDS, id, if_match=if_match)
    if before.active:
        raise FieldActive
    return await _change(unit, before, before.with_(status=FieldStatus.ACTIVE), records, CustomFieldRestored)


async def write_change(
    unit: UnitOfWork, before: CustomField, after: CustomField, records: Customisable, event: Event
) -> tuple[Rendered, CustomField]:
    """Write another definition, if all fields hold together; whoever calls sees to it that the records follow."""
    definitions = await Definitions.of(unit, records[before.resource])
    after = _marked(before, definitions.checked(before, after))
    return await unit.update(CUSTOM_FIELDS, before, after, event), after


async def _change(
    unit: UnitOfWork, before: CustomField, after: CustomField, records: Customisable, event: Event
) -> Rendered:
    rendered, written = await write_change(unit, before, after, records, event)
    if written.generation != before.generation:
        await _apply(unit, written, records)
    return rendered


async def _load(unit: UnitOfWork, id: UUID, *, if_match: object) -> CustomField:
    field = await unit.load(CUSTOM_FIELDS, id, if_match=if_match)
    if not field.active:
        raise FieldNotActive
    return field


def _marked(before: CustomField | None, after: CustomField) -> CustomField:
    """The field, not applied where all records have to follow it first."""
    if before is None:
        follow = after.computed or after.slot is not None
    else:
        indexed = after.slot is not None and after.slot != before.slot
        computed = after.computed and not before.active
        changed = any(getattr(before, name) != getattr(after, name) for name in _REWRITING)
        follow = indexed or computed or changed
    if not follow:
        return after.with_(applied=True) if before is None else after
    return after.with_(applied=False, generation=after.generation + 1)


async def _apply(unit: UnitOfWork, field: CustomField, records: Customisable) -> None:
    if not field.applied:
        order = Application(resource=field.resource, field_id=field.id, generation=field.generation)
        await begin(unit, application(records), order, key=f"{field.id}.{field.generation}")


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Members of a body as the state has them."""
    return {name: _kept(value) for name, value in values.items()}


def _kept(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(one.told() for one in value)
    return value.told() if hasattr(value, "told") else value
