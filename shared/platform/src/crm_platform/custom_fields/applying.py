"""Long work: all records follow a definition that has changed, in values that are computed and in what is indexed.

Whoever writes a record after the change does so by the new definition. Those who began before it may still write by the
old one, so nothing is done until they have ended; then no record can come later that the work has not met.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from crm_contracts.custom_field.v1 import CustomFieldApplied
from crm_platform.clock import utc_now
from crm_platform.custom_fields.model import CUSTOM_FIELDS, Customisable, Customised
from crm_platform.custom_fields.repository import count, following, next_revision, writes_since_before
from crm_platform.custom_fields.writing import complete, index
from crm_platform.operations.kinds import Done, Later, More, Next, OperationKind, Step
from crm_platform.words import Words

PORTION: Final = 500
_FIRST: Final = UUID(int=0)
_PAUSE: Final = timedelta(milliseconds=200)


class Application(BaseModel):
    """Which change of which field all records follow."""

    resource: str
    field_id: UUID
    generation: int


def application(records: Customisable) -> OperationKind[Application]:
    """The kind of this work for the records of a service."""
    return OperationKind(
        name="custom_fields.apply",
        title=Words("Records follow the definition of a custom field", "按自定义字段定义更新记录"),
        input=Application,
        step=partial(_step, records),
        cancellable=False,
        as_system=True,
    )


async def _step(records: Customisable, step: Step[Application]) -> Next:
    return await follow(step, records[step.input.resource], step.input, step.cursor)


async def follow(step: Step[Any], ours: Customised, order: Application, cursor: Any) -> Next:
    """The next piece; the cursor is a moment while it waits for writers, and then the last record that was met."""
    connection = step.unit.connection
    if cursor is None:
        step.progress.total = await count(connection, ours.aggregate.table)
        cursor = {"since": utc_now().isoformat()}
    if "since" in cursor:
        if await writes_since_before(connection, datetime.fromisoformat(cursor["since"])):
            return Later(utc_now() + _PAUSE, cursor)
        cursor = {"after": str(_FIRST)}
    after = UUID(cursor["after"])
    ids = await following(connection, ours.aggregate.table, after, PORTION)
    await _portion(step, ours, ids)
    if len(ids) == PORTION:
        return More({"after": str(ids[-1])})
    await _mark(step, order)
    return Done({"changed": step.progress.counters.get("changed", 0)})


async def _portion(step: Step[Any], ours: Customised, ids: list[UUID]) -> None:
    unit, aggregate = step.unit, ours.aggregate
    fields = await ours.part.renewed(unit.connection, unit.caller.tenant_id)
    found = list((await unit.find_many(aggregate, ids)).values())
    changed = await unit.update_many(
        aggregate, [(one, one) for one in found], ours.updated, reason="custom fields are defined anew", recomputed=True
    )
    written = {one.id for one in changed}
    unchanged = [one for one in found if one.id not in written]
    whole = await complete(unit.connection, unit.caller, ours.part, fields, [(one, one) for one in unchanged])
    await index(unit.connection, unit.caller, aggregate, fields, whole)
    step.progress.count("changed", len(changed))
    step.progress.count("unchanged", len(unchanged))


async def _mark(step: Step[Any], order: Application) -> None:
    """Say that all records follow, unless the definition has changed again."""
    unit = step.unit
    field = await unit.find(CUSTOM_FIELDS, order.field_id)
    if field is not None and field.generation == order.generation and not field.applied:
        await next_revision(unit.connection, order.resource)
        await unit.update(CUSTOM_FIELDS, field, field.with_(applied=True), CustomFieldApplied)
