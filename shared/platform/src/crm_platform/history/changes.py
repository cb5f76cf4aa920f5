"""The list of a record's changes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Label, Text, Uuid, bindparam, or_
from sqlalchemy.sql.expression import FromClause

from crm_platform.aggregate import AUTHORSHIP
from crm_platform.cel import Field, field_map
from crm_platform.change import ORIGIN_MEMBER
from crm_platform.history.standing import veiled_members
from crm_platform.history.trail import BESIDE, Entry, OpenTrail, Side
from crm_platform.mechanism import AUDIT_ENTRIES
from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader
from crm_platform.reads.resource import Condition, Resource, Sort
from crm_platform.sealing.changes import AUDIT_MEMBER
from crm_platform.store import Aggregate
from crm_platform.words import Words

_SHOWN = ("entry_id", "version", "at", "action", "actor", "reason", "correlation_id", "before", "after")
_SILENT = frozenset({"id", "version", *AUTHORSHIP})
"""Members that the entry itself tells of."""
_SIDES = ("before", "after")
_entries = AUDIT_ENTRIES.c


def _represent(source: FromClause) -> list[Label[Any]]:
    return [source.c[name].label(name) for name in _SHOWN]


CHANGES = Resource(
    name="history",
    what=Words("change", "变更"),
    table=AUDIT_ENTRIES,
    represent=_represent,
    filters=field_map(
        Field("version", _entries.version, "int"),
        Field("at", _entries["at"], "timestamp"),
        Field("action", _entries.action, "string"),
        Field("actor", _entries.actor, "string"),
        Field("reason", _entries.reason, "string"),
    ),
    sorts={"version": Sort(_entries.version, int), "id": Sort(_entries.entry_id, UUID)},
    default_sort="-version",
)

OF_RECORD = (
    _entries.aggregate_type == bindparam("aggregate_type", type_=Text),
    _entries.aggregate_id == bindparam("record_id", type_=Uuid),
)
CHANGES_MEMBER = or_(
    _entries.after.has_key(bindparam("member", type_=Text)),
    _entries.after[AUDIT_MEMBER]["members"].has_key(bindparam("member", type_=Text)),
)
"""Entries of changes of one member, and those of the beginnings of records."""


async def changes(
    reader: Reader, aggregate: Aggregate[Any], view: Resource, id: UUID, params: PageParams, *, member: str | None
) -> bytes:
    """A page of what happened to a record, all of it or to one ``member``, as JSON.

    Raises:
        NotFound: There never was such a record, or the caller may not see it.
    """
    async with reader.open() as connection:
        hidden = await veiled_members(connection, aggregate, view, reader.caller, id)
    given: dict[str, Any] = {"aggregate_type": aggregate.name, "record_id": id}
    conditions: tuple[Condition, ...] = OF_RECORD
    if member is not None:
        conditions, given = (*OF_RECORD, CHANGES_MEMBER), given | {"member": member}
    page = orjson.loads(await reader.page(CHANGES, params, *conditions, **given))
    async with reader.open() as connection:
        trail = await OpenTrail.of(connection, reader.caller.tenant_id, page["items"])
    order = [name for name in aggregate.spec.state.model_fields if name not in _SILENT]
    order = order if member is None else [member]
    items = [_item(entry, trail, order, hidden) for entry in page["items"]]
    return orjson.dumps(page | {"items": items})


def _item(entry: Entry, trail: OpenTrail, order: Sequence[str], hidden: Collection[str]) -> dict[str, Any]:
    told = {name: entry[name] for name in ("version", "at", "action", "actor", "reason", "correlation_id")}
    sides = trail.side(entry, "before"), trail.side(entry, "after")
    return {
        **told,
        "system": entry["after"].get(ORIGIN_MEMBER),
        "changes": list(_changes(entry, sides, order, hidden)),
    }


def _changes(
    entry: Entry, sealed: tuple[Side, Side], order: Sequence[str], hidden: Collection[str]
) -> Iterator[Mapping[str, Any]]:
    before, after = ({**(entry[side] or {}), **(told.values or {})} for side, told in zip(_SIDES, sealed, strict=True))
    closed = {name for side in sealed if side.values is None for name in side.names}
    erased = sealed[1].erased_at
    for name in order:
        if name in closed:
            yield _withheld(name, "unreadable" if erased is None else "erased")
        elif name not in after or name in BESIDE or (entry["before"] is None and after[name] in (None, [], "")):
            continue
        elif name in hidden:
            yield _withheld(name, "hidden")
        else:
            yield {"member": name, "from": before.get(name), "to": after[name], "withheld": None}


def _withheld(name: str, why: str) -> dict[str, Any]:
    return {"member": name, "from": None, "to": None, "withheld": why}
