"""What the service of the people themselves tells beside its holdings: their own records, and how these came to be."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.change import ORIGIN_MEMBER
from crm_platform.history.trail import BESIDE, Entry, OpenTrail
from crm_platform.privacy.declare import Subject
from crm_platform.privacy.gathering import MOST, More, Section, records_of
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words

_TRAIL: Final = """
SELECT entry_id, aggregate_id, version, at, action, actor, reason, before, after FROM audit_entries
WHERE aggregate_type = $1 AND aggregate_id = ANY($2) AND version > 0 ORDER BY at DESC, version DESC LIMIT $3
"""
_ENTRIES: Final = """
SELECT count(*) FROM audit_entries WHERE aggregate_type = $1 AND aggregate_id = ANY($2) AND version > 0
"""
_CHANGE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid", "description": "Of the record that changed."},
        "version": {"type": "integer", "description": "Which the record has since; consecutive."},
        "at": {"type": "string", "format": "date-time"},
        "action": {"type": "string", "description": "What happened, in past tense."},
        "actor": {"type": "string", "description": "Who did it: `user:<id>`, `client:<id>` or `system:<name>`."},
        "system": {"type": ["string", "null"], "description": "Through which system it came."},
        "reason": {"type": ["string", "null"], "description": "What it was for, where that was said."},
        "before": {"type": ["object", "null"], "description": "The members that changed, as they were."},
        "after": {"type": "object", "description": "The members that changed, as they are since."},
    },
}


def tell_subjects(people: Mapping[SubjectKind, Subject]) -> More:
    """Tells the records of the people themselves."""

    async def tell(unit: UnitOfWork, kind: SubjectKind, subject_id: UUID) -> Sequence[Section]:
        aggregate = people[kind].aggregate
        items = await records_of(unit, aggregate, [subject_id])
        schema = aggregate.spec.snapshot.model_json_schema(mode="serialization")
        return [
            Section(
                record=aggregate.name,
                source=aggregate.table.name,
                title=aggregate.resource.what,
                schema=schema,
                items=items,
            )
        ]

    return tell


def tell_history(people: Mapping[SubjectKind, Subject]) -> More:
    """Tells all changes of the records of the people themselves."""

    async def tell(unit: UnitOfWork, kind: SubjectKind, subject_id: UUID) -> Sequence[Section]:
        return [await history_of(unit, people[kind].aggregate, [subject_id])]

    return tell


async def history_of(unit: UnitOfWork, aggregate: Aggregate[Any], ids: Sequence[UUID]) -> Section:
    """The changes of some records, the newest first, with what is sealed in them."""
    connection, what = unit.connection, aggregate.resource.what
    number = await connection.fetchval(_ENTRIES, aggregate.name, list(ids))
    entries = await connection.fetch(_TRAIL, aggregate.name, list(ids), MOST)
    trail = await OpenTrail.of(connection, unit.caller.tenant_id, entries)
    return Section(
        record=f"history of {aggregate.name}",
        source=f"history_of_{aggregate.table.name}",
        title=Words(f"changes: {what.en}", f"变更历史：{what.zh}"),
        schema=_CHANGE_SCHEMA,
        items=[_change(entry, trail) for entry in entries],
        left_out=max(0, number - MOST),
    )


def _change(entry: Entry, trail: OpenTrail) -> dict[str, Any]:
    told = {name: entry[name] for name in ("version", "at", "action", "actor", "reason")}
    return {
        "id": entry["aggregate_id"],
        **told,
        "system": entry["after"].get(ORIGIN_MEMBER),
        "before": None if entry["before"] is None else _members(entry, trail, "before"),
        "after": _members(entry, trail, "after"),
    }


def _members(entry: Entry, trail: OpenTrail, side: str) -> dict[str, Any]:
    shown = {name: value for name, value in entry[side].items() if name not in BESIDE}
    return {**shown, **(trail.side(entry, side).values or {})}
