"""Whether what is told about one record is what was sealed: its entries, their places in the chain, and the record.

Each hash covers the entry, its place and the hash before it, so an entry that fits was sealed there as it stands. That
nobody has rewritten the whole chain since is for ``crm audit verify`` to find, which has the signed checkpoints.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from crm_platform.audit.chain import CONTENT, GENESIS, entry_hash
from crm_platform.context import Caller, system_caller
from crm_platform.db import Connection
from crm_platform.errors import NotFound
from crm_platform.history.past import rebuilt, unreadable
from crm_platform.history.standing import veiled_members
from crm_platform.history.trail import OpenTrail, entries_until
from crm_platform.reads.reader import Reader, Rendered, fetch_one
from crm_platform.reads.resource import Resource
from crm_platform.store import Aggregate

Finding = dict[str, Any]

_EVER: Final = datetime.max.replace(tzinfo=UTC)

PORTION: Final = 500
_ENTRIES: Final = f"""
SELECT entry.seq, entry.previous_hash, entry.hash, before.hash AS chained_to,
  {", ".join(f'entry."{name}"' for name in CONTENT)}
FROM audit_entries entry LEFT JOIN audit_entries before
  ON before.tenant_id = entry.tenant_id AND before.seq = entry.seq - 1
WHERE entry.aggregate_type = $1 AND entry.aggregate_id = $2 AND entry.version > $3
ORDER BY entry.version LIMIT {PORTION}
"""


async def verification(reader: Reader, aggregate: Aggregate[Any], view: Resource, id: UUID) -> bytes:
    """What a check of the record's trail found, as JSON.

    Raises:
        NotFound: There never was such a record, or the caller may not see it.
    """
    caller = reader.caller
    found: list[Finding] = []
    entries = sealed = last = 0
    # In one snapshot: a change between two of the statements would look like one without its entry.
    async with reader.open() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        await veiled_members(connection, aggregate, view, caller, id)
        while rows := await connection.fetch(_ENTRIES, aggregate.name, id, last):
            found += _findings(rows, caller.tenant_id, last)
            entries, last = entries + len(rows), rows[-1]["version"]
            sealed += sum(row["seq"] is not None for row in rows)
        found += await _against_the_record(connection, aggregate, caller, id, last)
    report = {"sound": not found, "entries": entries, "sealed": sealed, "unsealed": entries - sealed, "version": last}
    return orjson.dumps(report | {"findings": found})


def _findings(rows: Sequence[Mapping[str, Any]], tenant_id: UUID, last: int) -> Iterator[Finding]:
    for row in rows:
        if row["version"] != last + 1:
            yield _finding("removed", last + 1, f"versions {last + 1} to {row['version'] - 1} have no entry")
        last = row["version"]
        if row["seq"] is None:
            continue
        previous = bytes(row["previous_hash"] or b"")
        if entry_hash(previous, tenant_id, row["seq"], row) != bytes(row["hash"] or b""):
            yield _finding("changed", last, f"entry {row['seq']} of the chain is not what was sealed")
        if previous != (GENESIS if row["seq"] == 1 else bytes(row["chained_to"] or b"")):
            yield _finding("reordered", last, f"entry {row['seq']} is not chained to the one before it")


async def _against_the_record(
    connection: Connection, aggregate: Aggregate[Any], caller: Caller, id: UUID, last: int
) -> list[Finding]:
    """What the record says beside its trail: both are written by one statement, so they agree."""
    everything = system_caller(caller.tenant_id, "history")
    told = await rebuilt(connection, aggregate, caller.tenant_id, id, _EVER)
    present = await _present(connection, aggregate, everything, id)
    if told is None or present is None:
        agree = told is present
    else:
        lost = await _lost(connection, aggregate, caller.tenant_id, id)
        agree = told.version == present.version and _without(told, lost) == _without(present, lost)
    return [] if agree else [_finding("record", last, "the record is not what its entries tell")]


async def _lost(connection: Connection, aggregate: Aggregate[Any], tenant_id: UUID, id: UUID) -> Collection[str]:
    """Words that a rule has kept in the record of an erased person, and that its trail cannot tell any more."""
    if aggregate.trail is None:
        return ()
    entries = await entries_until(connection, aggregate.name, id, _EVER)
    trail = await OpenTrail.of(connection, tenant_id, entries)
    return unreadable(entries, trail) & set(aggregate.trail.members)


def _without(shown: Rendered, names: Collection[str]) -> dict[str, Any]:
    members: dict[str, Any] = orjson.loads(shown.body)
    return {name: value for name, value in members.items() if name not in names}


async def _present(connection: Connection, aggregate: Aggregate[Any], caller: Caller, id: UUID) -> Rendered | None:
    try:
        return await fetch_one(connection, aggregate.resource, caller, id)
    except NotFound:
        return None


def _finding(kind: str, version: int, detail: str) -> Finding:
    return {"kind": kind, "version": version, "detail": detail}
