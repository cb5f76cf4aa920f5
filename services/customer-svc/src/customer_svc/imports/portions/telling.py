"""What became of a portion of rows, as it was written down."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from crm_contracts.sealing import from_text, place, unseal
from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.sealing.subjects import find_keys
from crm_platform.sealing.vault import vault_of
from customer_svc.imports import repository
from customer_svc.imports.rows.owners import OWNER, TEAM
from customer_svc.known_teams import service as known_teams
from customer_svc.known_users import service as known_users

Changes = dict[str, Sequence[Any]]
"""Members that differ, from and to."""


def diff_place(tenant_id: UUID, operation_id: UUID, number: int) -> bytes:
    """Where the personal part of a difference is sealed."""
    return place("import", tenant_id, operation_id, str(number))


async def report_page(
    connection: Connection, tenant_id: UUID, caller: Caller | None, operation_id: UUID, *, after: int, limit: int
) -> list[tuple[Mapping[str, Any], Changes]]:
    """What became of the next rows, each with what differs.

    What is sealed is opened, if its subject is not erased; people and teams are named, if the caller may see them.
    """
    rows = await repository.results_of(connection, operation_id, after=after, limit=limit)
    subjects = {row["subject_id"] for row in rows if (row["detail"] or {}).get("sealed")}
    keys = await find_keys(connection, subjects) if subjects else {}
    told: list[tuple[Mapping[str, Any], Changes]] = []
    for row in rows:
        detail = row["detail"] or {}
        changes: Changes = dict(detail.get("diff") or {})
        key = keys.get(row["subject_id"])
        if detail.get("sealed") and key is not None and key.wrapped_key is not None:
            cipher = vault_of(connection).cipher(tenant_id, key.subject_id, key.kek_id, key.wrapped_key)
            where = diff_place(tenant_id, operation_id, row["number"])
            changes |= orjson.loads(unseal(cipher, from_text(detail["sealed"]), where))
        told.append((row, changes))
    names = await _names(connection, tenant_id, caller, [changes for _, changes in told])
    return [(row, _named(changes, names)) for row, changes in told]


async def _names(
    connection: Connection, tenant_id: UUID, caller: Caller | None, told: Sequence[Changes]
) -> dict[str, dict[UUID, str]]:
    """How people and teams among what differs are called, by the member that holds them."""
    people, teams = (
        {UUID(id) for changes in told for id in changes.get(member, ()) if id}
        if caller is not None and caller.may(scope)
        else set[UUID]()
        for member, scope in ((OWNER, "users:read"), (TEAM, "teams:read"))
    )
    return {
        OWNER: await known_users.names_of(connection, tenant_id, people),
        TEAM: await known_teams.unique_names_of(connection, teams),
    }


def _named(changes: Changes, names: Mapping[str, Mapping[UUID, str]]) -> Changes:
    named = {
        member: [id and known.get(UUID(id), id) for id in changes[member]]
        for member, known in names.items()
        if member in changes
    }
    return changes | named
