"""Dead letters: records put aside with the reason, and read back as the records they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import asyncpg

from crm_platform.events.intake import Rejected
from crm_platform.events.wire import RawRecord, Record

Kind = Literal["malformed", "failed", "parked"]

_STORE: Final = """
INSERT INTO dead_letter (dedupe_key, tenant_id, topic, partition, "offset", event_id, type, aggregate_type,
  aggregate_id, version, record_key, headers, payload, kind, reason, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (dedupe_key) DO NOTHING
"""

SEE_ALL: Final = "SELECT set_config('crm.system', 'on', true)"
SEE_TENANT: Final = "SELECT set_config('crm.system', 'off', true)"


@dataclass(frozen=True, slots=True)
class Letter:
    """A record to put aside."""

    kind: Kind
    entry: Record | Rejected
    reason: str
    attempts: int = 0


async def store(connection: asyncpg.Connection, letters: Sequence[Letter]) -> None:
    """Put records aside, in the transaction that moves past them; copies of stored ones are left out."""
    if letters:
        # Handlers have run by now: from here on the transaction may see the rows of all tenants.
        await connection.execute(SEE_ALL)
        await connection.executemany(_STORE, [_row(letter) for letter in letters])


def _row(letter: Letter) -> tuple[Any, ...]:
    entry = letter.entry
    raw = entry.raw
    place = (raw.topic, raw.partition, raw.offset)
    content = (raw.key, headers_to_json(raw.headers), raw.value, letter.kind, letter.reason, letter.attempts)
    if isinstance(entry, Rejected):
        return (f"sha256/{entry.digest().hex()}", None, *place, None, None, None, None, None, *content)
    key = entry.gate_key
    identity = (
        entry.event_id,
        entry.type,
        key and key.aggregate_type,
        key and key.aggregate_id,
        entry.version or None,
    )
    return (_dedupe_key(entry), entry.tenant_id, *place, *identity, *content)


def _dedupe_key(record: Record) -> str:
    if record.gate_key is None:
        return str(record.event_id)
    kind = "snapshot" if record.snapshot else "event"
    return f"{record.aggregate_type}/{record.aggregate_id}/{record.version}/{kind}"


def headers_to_json(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """Headers as JSON can hold them; bytes that are no text are escaped, for reading only."""
    return {name: (value or b"").decode(errors="backslashreplace").replace("\0", "\\x00") for name, value in headers}


def to_raw(row: Mapping[str, Any]) -> RawRecord:
    """The record that a dead letter was made of."""
    headers = [(name, value.encode()) for name, value in row["headers"].items()]
    return RawRecord(row["topic"], row["partition"], row["offset"], row["record_key"], headers, row["payload"])
