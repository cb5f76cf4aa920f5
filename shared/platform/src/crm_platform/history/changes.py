"""The list of a record's changes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Label, Text, Uuid, bindparam, or_
from sqlalchemy.sql.expression import FromClause

from crm_platform.aggregate import AUTHORSHIP
from crm_platform.cel import Field, field_map
from crm_platform.change import ORIGIN_MEMBER
from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.errors import MemberNotSeen
from crm_platform.history.standing import veiled_members
from crm_platform.history.trail import BESIDE, Entry, OpenTrail, Side
from crm_platform.mechanism import AUDIT_ENTRIES
from crm_platform.reads.field_access import Rules, levels_of, masked, rules_for
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
_KEY = bindparam("custom_key", type_=Text)
CHANGES_KEY = or_(
    _entries.before.is_(None),
    _entries.after.has_key(CUSTOM) & _entries.after[CUSTOM][_KEY].is_distinct_from(_entries.before[CUSTOM][_KEY]),
)
"""The same for one custom field."""


async def changes(
    reader: Reader, aggregate: Aggregate[Any], view: Resource, id: UUID, params: PageParams, *, member: str | None
) -> bytes:
    """A page of what happened to a record, all of it or to one ``member``, as JSON.

    Raises:
        NotFound: There never was such a record, or the caller may not see it.
        MemberNotSeen: The member is hidden from the caller.
    """
    view = await reader.view(view)
    async with reader.open() as connection:
        hidden = await veiled_members(connection, aggregate, view, reader.caller, id)
    rules = rules_for(reader.caller, view)
    if member is not None and "hidden" in levels_of(member, rules).values():
        raise MemberNotSeen(member=member)
    given: dict[str, Any] = {"aggregate_type": aggregate.name, "record_id": id}
    conditions: tuple[Condition, ...] = OF_RECORD
    if member is not None and member.startswith(f"{CUSTOM}."):
        conditions, given = (*OF_RECORD, CHANGES_KEY), given | {"custom_key": member.partition(".")[2]}
    elif member is not None:
        conditions, given = (*OF_RECORD, CHANGES_MEMBER), given | {"member": member}
    page = orjson.loads(await reader.page(CHANGES, params, *conditions, **given))
    async with reader.open() as connection:
        trail = await OpenTrail.of(connection, reader.caller.tenant_id, page["items"])
    order = [name for name in aggregate.spec.state.model_fields if name not in _SILENT and rules.get(name) != "hidden"]
    order = order if member is None else [member]
    withheld = _Withheld(frozenset(hidden), rules)
    items = [_item(entry, trail, order, withheld) for entry in page["items"]]
    return orjson.dumps(page | {"items": items})


class _Withheld(NamedTuple):
    """Members whose values are not shown, or only in part."""

    hidden: frozenset[str]
    rules: Rules

    def of(self, name: str) -> str | None:
        """How much of a member is withheld: it is omitted, hidden or masked, or nothing is."""
        if name in self.hidden:
            return "hidden"
        levels = levels_of(name, self.rules).values()
        return "omitted" if "hidden" in levels else "masked" if "masked" in levels else None


def _item(entry: Entry, trail: OpenTrail, order: Sequence[str], withheld: _Withheld) -> dict[str, Any]:
    told = {name: entry[name] for name in ("version", "at", "action", "actor", "reason", "correlation_id")}
    sides = trail.side(entry, "before"), trail.side(entry, "after")
    return {
        **told,
        "system": entry["after"].get(ORIGIN_MEMBER),
        "changes": list(_changes(entry, sides, order, withheld)),
    }


def _changes(
    entry: Entry, sealed: tuple[Side, Side], order: Sequence[str], withheld: _Withheld
) -> Iterator[Mapping[str, Any]]:
    whole = ({**(entry[side] or {}), **(told.values or {})} for side, told in zip(_SIDES, sealed, strict=True))
    before, after = map(_by_key, whole)
    after |= {name: None for name in before if name.startswith(f"{CUSTOM}.") and name not in after}
    order = [one for name in order for one in ([name] if name != CUSTOM else sorted(_keys(before, after)))]
    closed = {name for side in sealed if side.values is None for name in side.names}
    erased = sealed[1].erased_at
    for name in order:
        if name in closed:
            yield _withheld(name, "unreadable" if erased is None else "erased")
        elif _says_nothing(entry, name, before, after) or withheld.of(name) == "omitted":
            continue
        elif withheld.of(name) == "hidden":
            yield _withheld(name, "hidden")
        elif withheld.of(name) == "masked":
            sides = {"from": masked(before.get(name)), "to": masked(after[name])}
            yield {"member": name, **sides, "withheld": "masked"}
        else:
            yield {"member": name, "from": before.get(name), "to": after[name], "withheld": None}


def _says_nothing(entry: Entry, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if name not in after or name in BESIDE or (entry["before"] is None and after[name] in (None, [], "")):
        return True
    return name.startswith(f"{CUSTOM}.") and before.get(name) == after[name]


def _by_key(side: dict[str, Any]) -> dict[str, Any]:
    """A side of a change, with each custom field as a member of its own."""
    custom = side.pop(CUSTOM, None) or {}
    return side | {f"{CUSTOM}.{key}": value for key, value in custom.items()}


def _keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in (*before, *after) if name.startswith(f"{CUSTOM}.")}


def _withheld(name: str, why: str) -> dict[str, Any]:
    return {"member": name, "from": None, "to": None, "withheld": why}
