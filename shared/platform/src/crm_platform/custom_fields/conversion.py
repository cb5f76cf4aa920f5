"""Long work: another type for a field, tried first; all its values follow, or nothing is changed."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from crm_contracts.custom_field.v1 import Choice, CustomFieldConverted, FieldType
from crm_platform.custom_fields.applying import PORTION, Application, follow
from crm_platform.custom_fields.converting import converted
from crm_platform.custom_fields.domain import CustomField
from crm_platform.custom_fields.errors import FieldNotActive, FieldNotConvertible
from crm_platform.custom_fields.model import CUSTOM_FIELDS, Customisable
from crm_platform.custom_fields.refused import Refused
from crm_platform.custom_fields.repository import count, values
from crm_platform.custom_fields.schemas import Conversion, Unconvertible
from crm_platform.custom_fields.service import Definitions, write_change
from crm_platform.operations.begin import begin
from crm_platform.operations.kinds import Done, More, Next, OperationKind, Result, Step
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from crm_platform.words import Words

SAMPLES: Final = 100
"""Values that do not convert, of which the results tell."""
_FIXED: Final = frozenset({FieldType.FORMULA, FieldType.REFERENCE})
_FIRST: Final = UUID(int=0)


class ConversionOrder(BaseModel):
    """Which field gets which type."""

    resource: str
    field_id: UUID
    version: int
    applied: bool = True
    type: FieldType
    choices: tuple[Choice, ...]
    dry_run: bool
    unconvertible: Unconvertible


def conversion(records: Customisable) -> OperationKind[ConversionOrder]:
    """The kind of this work for the records of a service."""
    return OperationKind(
        name="custom_fields.convert",
        title=Words("Another type for a custom field", "更改自定义字段类型"),
        input=ConversionOrder,
        step=partial(_step, records),
        as_system=True,
    )


async def convert_field(unit: UnitOfWork, id: UUID, body: Conversion, records: Customisable) -> Rendered:
    """Begin to give a field another type, or to try it.

    Raises:
        FieldNotActive: It is retired.
        FieldNotConvertible: Formulas, references and unique fields keep their type.
        InvalidPayload: The new definition is none.
        FieldInUse: A formula could not read it any more.
    """
    before = await unit.load(CUSTOM_FIELDS, id, if_match=ANY_VERSION)
    if not before.active:
        raise FieldNotActive
    if before.unique or {before.type, body.type} & _FIXED or before.type is body.type:
        raise FieldNotConvertible(kind=before.type.value)
    choices = tuple(one.told() for one in body.choices)
    definitions = await Definitions.of(unit, records[before.resource])
    definitions.checked(before, _retyped(before, body.type, choices))
    order = ConversionOrder(
        resource=before.resource,
        field_id=id,
        version=before.version,
        applied=before.applied,
        type=body.type,
        choices=choices,
        dry_run=body.dry_run,
        unconvertible=body.unconvertible,
    )
    return await begin(unit, conversion(records), order)


def _retyped(before: CustomField, type: FieldType, choices: tuple[Choice, ...]) -> CustomField:
    """The field with another type, and without the rules that only the old one has."""
    kept = before.with_(type=type, choices=choices, default=None, pattern=None, max_length=None, decimals=None)
    bounded = {before.type, type} <= {FieldType.NUMBER, FieldType.MONEY}
    kept = kept if bounded else kept.with_(minimum=None, maximum=None)
    return kept if kept.indexed_as else kept.with_(indexed=False, slot=None)


async def _step(records: Customisable, step: Step[ConversionOrder]) -> Next:
    order, cursor = step.input, step.cursor or {"look": str(_FIRST)}
    ours = records[order.resource]
    if "look" in cursor:
        return await _look(step, records, UUID(cursor["look"]))
    application = Application(resource=order.resource, field_id=order.field_id, generation=cursor["generation"])
    done = await follow(step, ours, application, cursor["follow"])
    if isinstance(done, Done):
        return Done(_figures(step, converted=True))
    return _going_on(done, cursor["generation"])


def _going_on(next: Any, generation: int) -> Next:
    cursor = {"generation": generation, "follow": next.cursor}
    return More(cursor) if isinstance(next, More) else type(next)(next.at, cursor)


async def _look(step: Step[ConversionOrder], records: Customisable, after: UUID) -> Next:
    """Try the next portion of the values, and go on to the conversion after the last."""
    order, table = step.input, records[step.input.resource].aggregate.table
    if after == _FIRST:
        step.progress.total = await count(step.unit.connection, table)
    field = await step.unit.find(CUSTOM_FIELDS, order.field_id)
    if field is None or not _as_ordered(field, order):
        return Done(_figures(step, converted=False, stopped="changed_meanwhile"))
    rows, last = await values(step.unit.connection, table, field.key, after, PORTION)
    await _try(step, _retyped(field, order.type, order.choices), rows)
    if last is not None:
        return More({"look": str(last)})
    return await _decide(step, records, field)


def _as_ordered(field: CustomField, order: ConversionOrder) -> bool:
    """Whether nobody has defined the field anew; that its records have followed since is no such change."""
    return field.version == order.version + (field.applied and not order.applied)


async def _try(step: Step[ConversionOrder], retyped: CustomField, rows: Any) -> None:
    counters, samples = step.progress.counters, []
    for row in rows:
        try:
            converted(retyped, row["value"])
        except Refused as refused:
            counters["unconvertible"] = counters.get("unconvertible", 0) + 1
            number = counters["unconvertible"]
            if number <= SAMPLES:
                words = {"en": refused.words.en, "zh": refused.words.zh}
                detail = {"value": row["value"], "code": refused.code, "message": words}
                samples.append(Result(number, "unconvertible_sample", row["id"], detail=detail))
        else:
            counters["convertible"] = counters.get("convertible", 0) + 1
    done = step.progress.done
    await step.record(samples)
    step.progress.done = done


async def _decide(step: Step[ConversionOrder], records: Customisable, field: CustomField) -> Next:
    order = step.input
    failing = step.progress.counters.get("unconvertible", 0)
    if order.dry_run:
        return Done(_figures(step, converted=False))
    if failing and order.unconvertible is Unconvertible.REFUSE:
        return Done(_figures(step, converted=False, stopped="unconvertible"))
    after = _retyped(field, order.type, order.choices)
    _, written = await write_change(step.unit, field, after, records, CustomFieldConverted)
    return More({"generation": written.generation, "follow": None})


def _figures(step: Step[Any], *, converted: bool, stopped: str | None = None) -> dict[str, Any]:
    counters = step.progress.counters
    return {
        "converted": converted,
        "stopped": stopped,
        "convertible": counters.get("convertible", 0),
        "unconvertible": counters.get("unconvertible", 0),
    }
