"""The audit entries of one record: their statements, and their sealed members opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from crm_contracts.sealing import BrokenSeal, from_text, unseal
from crm_platform.change import ORIGIN_MEMBER
from crm_platform.db import Connection
from crm_platform.sealing.changes import AUDIT_MEMBER, audit_place
from crm_platform.sealing.subjects import StoredKey, find_keys
from crm_platform.sealing.vault import Vault

Entry = Mapping[str, Any]
"""One audit entry: ``entry_id``, ``version``, ``before``, ``after`` and what else was selected."""

BESIDE: Final = frozenset({AUDIT_MEMBER, ORIGIN_MEMBER})
"""What the sides of an entry hold that is no member of the state."""

# From the last entry that has the whole state up to the last one of the moment; the newest first.
_UNTIL: Final = """
WITH entry AS (
  SELECT entry_id, version, actor, at, before, after FROM audit_entries WHERE aggregate_type = $1 AND aggregate_id = $2
), last AS (SELECT max(version) AS version FROM entry WHERE at <= $3)
SELECT entry.* FROM entry, last
WHERE entry.version <= last.version AND entry.version >= (
  SELECT max(whole.version) FROM entry whole WHERE whole.before IS NULL AND whole.version <= last.version
)
ORDER BY entry.version DESC
"""
_EXISTS: Final = "SELECT EXISTS (SELECT 1 FROM audit_entries WHERE aggregate_type = $1 AND aggregate_id = $2)"


async def entries_until(connection: Connection, aggregate_type: str, id: UUID, moment: datetime) -> list[Entry]:
    """The entries that make the state of ``moment``, the newest first; none where there was no record yet."""
    return list(await connection.fetch(_UNTIL, aggregate_type, id, moment))


async def has_trail(connection: Connection, aggregate_type: str, id: UUID) -> bool:
    """Whether there ever was such a record."""
    known: bool = await connection.fetchval(_EXISTS, aggregate_type, id)
    return known


def is_deletion(entry: Entry) -> bool:
    """Whether the entry tells of the end of its record: a change of nothing else is ever written."""
    return (
        entry["before"] is not None
        and not entry["before"].keys() - BESIDE
        and not entry["after"].keys() - {ORIGIN_MEMBER}
    )


@dataclass(frozen=True, slots=True)
class Side:
    """The sealed members of one side of an entry."""

    names: tuple[str, ...] = ()
    values: Mapping[str, Any] | None = None
    """None where they cannot be opened."""
    erased_at: datetime | None = None


NO_SIDE: Final = Side()


class OpenTrail:
    """Opens the sealed members of entries, with the keys of their subjects as they are now."""

    def __init__(self, vault: Vault | None, tenant_id: UUID, keys: Mapping[UUID, StoredKey]) -> None:
        self._vault = vault
        self._tenant_id = tenant_id
        self._keys = keys

    @classmethod
    async def of(cls, connection: Connection, tenant_id: UUID, entries: Iterable[Entry]) -> "OpenTrail":
        """For ``entries``; looks their subjects' keys up."""
        sealed = [side[AUDIT_MEMBER] for side in _sides(entries) if AUDIT_MEMBER in side]
        subjects = {UUID(one["subject_id"]) for one in sealed}
        keys = await find_keys(connection, subjects) if subjects else {}
        return cls(connection.vault, tenant_id, keys)

    def side(self, entry: Entry, name: str) -> Side:
        """The sealed members of the side ``before`` or ``after``."""
        sealed = (entry[name] or {}).get(AUDIT_MEMBER)
        if sealed is None:
            return NO_SIDE
        names, subject = tuple(sealed["members"]), UUID(sealed["subject_id"])
        stored = self._keys.get(subject)
        if self._vault is None or stored is None or stored.wrapped_key is None:
            return Side(names, erased_at=None if stored is None else stored.destroyed_at)
        cipher = self._vault.cipher(self._tenant_id, subject, stored.kek_id, stored.wrapped_key)
        try:
            where = audit_place(self._tenant_id, UUID(str(entry["entry_id"])), name)
            return Side(names, orjson.loads(unseal(cipher, from_text(sealed["data"]), where)))
        except BrokenSeal:
            return Side(names)

    def erased_at(self, entries: Sequence[Entry]) -> datetime | None:
        """Since when the personal data of the record is erased; None while it is not."""
        moments = [self.side(entry, "after").erased_at for entry in entries]
        return next((moment for moment in moments if moment is not None), None)


def _sides(entries: Iterable[Entry]) -> Iterable[Mapping[str, Any]]:
    for entry in entries:
        yield entry["before"] or {}
        yield entry["after"] or {}
