"""Events of the past in the outbox, from which a service could tell them again: sealed when their records are."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from crm_contracts.base import SealedMembers
from crm_contracts.sealing import event_place, seal, to_text
from crm_platform.db import Connection
from crm_platform.sealing.members import SealedPart
from crm_platform.sealing.subjects import Erased, keys_for_writing
from crm_platform.sealing.vault import SubjectKey, vault_of

_TOLD: Final = """
SELECT id, version, aggregate_id, payload FROM outbox
WHERE aggregate_type = $1 AND aggregate_id = ANY($2) AND payload IS NOT NULL ORDER BY id
"""
_REWRITE: Final = "UPDATE outbox SET payload = $2 WHERE id = $1"


async def seal_past_events(
    connection: Connection, part: SealedPart, tenant_id: UUID, *, aggregate_type: str, ids: Sequence[UUID]
) -> int:
    """Seal in the events of records what they told in the clear; returns in how many.

    Each is sealed under the key of whom its state was about. Where that is destroyed nothing is left of it.
    """
    rows = await connection.fetch(_TOLD, aggregate_type, list(ids))
    events = {row["id"]: (row, orjson.loads(row["payload"])) for row in rows}
    clear = {id: pair for id, pair in events.items() if "sealed" not in pair[1]}
    subjects = {UUID(event["state"][part.subject]) for _, event in clear.values()}
    keys = await keys_for_writing(connection, vault_of(connection), tenant_id, subjects) if subjects else {}
    rewritten = []
    for id, (row, event) in clear.items():
        where = event_place(tenant_id, aggregate_type, row["aggregate_id"], row["version"])
        rewritten.append((id, orjson.dumps(_sealed(part, event, keys, where))))
    await connection.executemany(_REWRITE, rewritten)
    return len(rewritten)


def _sealed(
    part: SealedPart, event: Mapping[str, Any], keys: Mapping[UUID, SubjectKey | Erased], where: bytes
) -> dict[str, Any]:
    state: dict[str, Any] = event["state"]
    told = _members(state, part.members)
    left = {**event, "state": {**state, **{name: part.defaults[name] for name in told}}}
    key = keys[UUID(state[part.subject])]
    if isinstance(key, Erased):
        return left
    data = to_text(seal(key.cipher, orjson.dumps(told), where))
    sealed = SealedMembers(subject_id=key.subject_id, members=tuple(told), data=data)
    return {**left, "sealed": sealed.model_dump(mode="json")}


def _members(state: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: state[name] for name in names if name in state}
