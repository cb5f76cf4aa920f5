"""Custom fields of records that are being written: completed before, indexed after; the unit of work calls both."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_platform.aggregate import AggregateState
from crm_platform.context import Caller
from crm_platform.custom_fields.columns import ARRAYS, CUSTOM, LOWEST_VALUES, unique_name
from crm_platform.custom_fields.domain import SLOTS, UNIQUE_SLOTS, CustomField
from crm_platform.custom_fields.fieldset import Completed, FieldSet
from crm_platform.custom_fields.part import CustomPart
from crm_platform.custom_fields.refused import Refused, refuse
from crm_platform.custom_fields.trying import Filed, Trial
from crm_platform.custom_fields.values import compared, listed
from crm_platform.db import Connection, Query
from crm_platform.db.arrays import array_literal
from crm_platform.errors import AlreadyExists, DomainError, FieldProblem, InvalidPayload, VersionMismatch
from crm_platform.reads.visibility import visibility_args, visible
from crm_platform.words import Words

if TYPE_CHECKING:
    from crm_platform.store import Aggregate

S = TypeVar("S", bound=AggregateState)
T = TypeVar("T")
Pair = tuple[S | None, S]
"""A state before, None for a new record, and the one after."""


async def as_defined(
    connection: Connection, tenant_id: UUID, part: CustomPart | None, work: Callable[[FieldSet | None], Awaitable[T]]
) -> T:
    """What ``work`` does by the definitions that this process knows, and again by newer ones where those stop it.

    Definitions that are out of date refuse fields that there are by now, and their revision is not written. Aggregates
    without custom fields have none.

    Raises:
        InvalidPayload, VersionMismatch: Also by the last definitions.
    """
    if part is None:
        return await work(None)
    fields = await part.fields(connection, tenant_id)
    while True:
        try:
            return await work(fields)
        except (InvalidPayload, VersionMismatch):
            newer = await part.renewed(connection, tenant_id)
            if newer.revision == fields.revision:
                raise
            fields = newer


async def complete(
    connection: Connection,
    caller: Caller,
    part: CustomPart | None,
    fields: FieldSet | None,
    pairs: Sequence[Pair[S]],
) -> list[S]:
    """The states after changes, with their custom fields checked and completed by these definitions.

    Raises:
        InvalidPayload: A value is none; all of the first record with such are named.
    """
    if part is None or fields is None or not (fields.fields or any(after.custom for _, after in pairs)):  # type: ignore[attr-defined]
        return [after for _, after in pairs]
    found = [fields.complete(before, after, enforce=caller.kind != "service") for before, after in pairs]
    missing = await _missing(connection, caller, part, found)
    for one in found:
        refused = [*one.refused, *((field.key, _GONE) for field, id in one.references if id in missing[field.target])]
        if refused:
            raise invalid(refused, caller.language)
    return [after.with_(**{CUSTOM: one.values}) for (_, after), one in zip(pairs, found, strict=True)]


async def problems_of(
    connection: Connection,
    caller: Caller,
    aggregate: "Aggregate[S]",
    pairs: Sequence[Pair[S]],
    trial: Trial | None = None,
) -> list[DomainError | None]:
    """What each of some changes breaks, where it does: rules of values, and values that others have.

    With a ``trial`` the records count that it would have written before, and those of these changes are kept in it
    that break nothing.
    """
    part = aggregate.custom
    if part is None:
        return [None] * len(pairs)
    fields = await part.fields(connection, caller.tenant_id)
    found, whole = await _found(connection, caller, aggregate, fields, pairs, trial=trial)
    if any(found):
        newer = await part.renewed(connection, caller.tenant_id)
        if newer.revision != fields.revision:
            fields = newer
            found, whole = await _found(connection, caller, aggregate, fields, pairs, trial=trial)
    if trial is not None:
        kept = zip(found, pairs, whole, strict=True)
        filed = (_filed(fields, before, after) for problem, (before, _), after in kept if problem is None)
        await trial.file([one for one in filed if one is not None])
    return found


def _filed(fields: FieldSet, before: S | None, after: S) -> Filed | None:
    """How a trial would leave a record's unique values; None where they stay as they are."""
    was, now = ({} if state is None else _unique_keys(fields, state) for state in (before, after))
    return None if was == now else Filed(after.id, now.values(), anew=not was.items() <= now.items())


def _unique_keys(fields: FieldSet, state: AggregateState) -> dict[str, str]:
    unique = (field for field in fields.slotted if field.unique_slot is not None)
    keys = {field.key: unique_key(field, state.custom.get(field.key)) for field in unique}  # type: ignore[attr-defined]
    return {name: key for name, key in keys.items() if key is not None}


async def _found(
    connection: Connection,
    caller: Caller,
    aggregate: "Aggregate[S]",
    fields: FieldSet,
    pairs: Sequence[Pair[S]],
    *,
    trial: Trial | None,
) -> tuple[list[DomainError | None], list[S]]:
    """The problem of each change, and the state that it comes to."""
    part = aggregate.custom
    if part is None or (not fields.fields and not any(after.custom for _, after in pairs)):  # type: ignore[attr-defined]
        return [None] * len(pairs), [after for _, after in pairs]
    found: list[DomainError | None] = []
    whole: list[S] = []
    for pair in pairs:
        try:
            (state,) = await complete(connection, caller, part, fields, [pair])
        except InvalidPayload as problem:
            found.append(problem)
            whole.append(pair[1])
        else:
            found.append(None)
            whole.append(state)
    for field in fields.slotted:
        for place in await _taken_places(connection, part, field, whole, trial):
            found[place] = found[place] or taken(field, aggregate.resource.what, caller.language)
    return found, whole


async def _taken_places(
    connection: Connection, part: CustomPart, field: CustomField, states: Sequence[S], trial: Trial | None
) -> list[int]:
    """The places of those whose value of a unique field another record, or an earlier one of these, has."""
    if field.unique_slot is None:
        return []
    keys = [unique_key(field, state.custom.get(field.key)) for state in states]  # type: ignore[attr-defined]
    statement = _HAVING.format(table=part.slots.name, place=field.unique_slot)
    wanted = [key for key in keys if key is not None]
    owners = {row["key"]: row["record_id"] for row in await connection.fetch(statement, wanted)}
    if trial is not None:
        left = await trial.as_left(wanted, {key: (id,) for key, id in owners.items()})
        owners = {key: ids[0] for key, ids in left.items()}
    pairs = enumerate(zip(keys, states, strict=True))
    return [place for place, (key, one) in pairs if key is not None and owners.setdefault(key, one.id) != one.id]


_HAVING = "SELECT record_id, keys[{place}] AS key FROM {table} WHERE keys[{place}] = ANY($1)"

_GONE = refuse("unknown_reference", "there is no such record, or you may not see it", "记录不存在，或您无权查看")


def invalid(refused: Sequence[tuple[str, Refused]], language: str) -> InvalidPayload:
    """The problem that names each refused value by its pointer and its rule."""
    errors: list[FieldProblem] = [one.at(pointer(key), language) for key, one in refused]
    return InvalidPayload(count=len(errors), errors=errors)


def pointer(key: str) -> str:
    """The place of a custom field in a body (RFC 6901)."""
    return f"/{CUSTOM}/{key.replace('~', '~0').replace('/', '~1')}" if key else f"/{CUSTOM}"


async def _missing(
    connection: Connection, caller: Caller, part: CustomPart, found: Iterable[Completed]
) -> dict[str | None, set[UUID]]:
    """By target, the records to which the changes refer and that the caller does not see."""
    wanted: dict[str | None, set[UUID]] = {}
    for field, id in (reference for one in found for reference in one.references):
        wanted.setdefault(field.target, set()).add(id)
    for target, ids in wanted.items():
        table = part.targets[target or ""]
        query = Query(_existing(table, caller))
        rows = await connection.fetch(query.text, *query.bind(visibility_args(table, caller) | {"ids": sorted(ids)}))
        ids -= {row[0] for row in rows}
    return wanted


def _existing(table: Any, caller: Caller) -> Any:
    statement = select(table.c.id).where(table.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    condition = visible(table, caller.visibility)
    return statement if condition is None else statement.where(condition)


async def index(
    connection: Connection, caller: Caller, aggregate: "Aggregate[S]", fields: FieldSet, states: Iterable[S]
) -> None:
    """File the indexed and unique values of records that were written.

    Raises:
        AlreadyExists: Another record has a value that must be unique.
    """
    part = aggregate.custom
    if part is None:
        return
    states = list(states)
    if fields.chosen and states:
        await _index_choices(connection, part, fields, states)
    if not fields.slotted:
        return
    rows = sorted(((state.id, _slots(fields, state.custom)) for state in states), key=lambda row: row[0])  # type: ignore[attr-defined]
    if not rows:
        return
    columns = [[slots[name] for _, slots in rows] for name in _COLUMNS]
    try:
        await connection.execute(_INDEX.format(table=part.slots.name), [id for id, _ in rows], *columns)
    except asyncpg.UniqueViolationError as error:
        raise _taken(part, fields, error, aggregate.resource.what, caller.language) from error


async def _index_choices(
    connection: Connection, part: CustomPart, fields: FieldSet, states: Sequence[AggregateState]
) -> None:
    """Let each record be found by the choices that it has by now, and by no others."""
    chosen = sorted((state.id, choice) for state in states for choice in _choices(fields, state.custom))  # type: ignore[attr-defined]
    ids, choices = [id for id, _ in chosen], [choice for _, choice in chosen]
    table = part.choices.name
    await connection.execute(_UNCHOOSE.format(table=table), [state.id for state in states], ids, choices)
    await connection.execute(_CHOOSE.format(table=table), ids, choices)


def _choices(fields: FieldSet, values: Mapping[str, Any]) -> set[str]:
    """What stands in the table of choices for a record; with the field's name, by which fields are told apart."""
    return {f"{field.key}={value}" for field in fields.chosen for value in listed(values.get(field.key))}


_UNCHOOSE = """
DELETE FROM {table} AS known WHERE record_id = ANY($1) AND NOT EXISTS (
  SELECT FROM unnest($2::uuid[], $3::text[]) AS given (id, choice)
  WHERE given.id = known.record_id AND given.choice = known.choice COLLATE "C"
)
"""
_CHOOSE = """
INSERT INTO {table} (record_id, choice) SELECT id, choice FROM unnest($1::uuid[], $2::text[]) AS given (id, choice)
ON CONFLICT DO NOTHING
"""

_COLUMNS = (*ARRAYS.values(), "keys")
_INDEX = """
INSERT INTO {table} AS known (record_id, texts, numbers, dates, keys)
SELECT id, texts::text[], numbers::float8[], dates::date[], keys::text[]
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS given (id, texts, numbers, dates, keys)
ON CONFLICT (tenant_id, record_id) DO UPDATE
SET texts = excluded.texts, numbers = excluded.numbers, dates = excluded.dates, keys = excluded.keys
WHERE (known.texts, known.numbers, known.dates, known.keys)
  IS DISTINCT FROM (excluded.texts, excluded.numbers, excluded.dates, excluded.keys)
"""


def _slots(fields: FieldSet, values: Mapping[str, Any]) -> dict[str, str]:
    """The arrays of a record's indexed values, as PostgreSQL reads them."""
    arrays: dict[str, list[Any]] = {ARRAYS[kind]: [None] * number for kind, number in SLOTS.items()}
    arrays["keys"] = [None] * UNIQUE_SLOTS
    for field in fields.slotted:
        value = compared(field, values.get(field.key))
        if field.slot and field.compared:
            arrays[ARRAYS[field.compared]][field.slot - 1] = LOWEST_VALUES[field.compared] if value is None else value
        if field.unique_slot and value is not None:
            arrays["keys"][field.unique_slot - 1] = unique_key(field, values.get(field.key))
    return {name: array_literal(array) for name, array in arrays.items()}


def _taken(
    part: CustomPart, fields: FieldSet, error: asyncpg.UniqueViolationError, what: Words, language: str
) -> AlreadyExists:
    def names(field: CustomField) -> bool:
        index = unique_name(part.slots.name, field.unique_slot or 0)
        return bool(error.constraint_name == index)

    return taken(next(one for one in fields.slotted if names(one)), what, language)


def unique_key(field: CustomField, value: Any) -> str | None:
    """By what values of a unique field are told apart; with its name, as a slot may have been another field's."""
    found = compared(field, value)
    return None if found is None else f"{field.key}={found}"


def taken(field: CustomField, what: Words, language: str) -> AlreadyExists:
    """Another record has the value of a unique field."""
    words = Words("another record has this value", "其他记录已使用该值")
    problem = FieldProblem(pointer(field.key), "already_exists", words.into(language))
    return AlreadyExists(what=what, field=f"{CUSTOM}.{field.key}", errors=[problem])
