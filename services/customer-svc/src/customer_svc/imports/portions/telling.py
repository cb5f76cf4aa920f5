"""What became of a portion of rows, as it was written down."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from crm_contracts.sealing import from_text, place, unseal
from crm_platform.db import Connection
from crm_platform.sealing.subjects import find_keys
from crm_platform.sealing.vault import vault_of
from customer_svc.imports import repository


def diff_place(tenant_id: UUID, operation_id: UUID, number: int) -> bytes:
    """Where the personal part of a difference is sealed."""
    return place("import", tenant_id, operation_id, str(number))


async def report_page(
    connection: Connection, tenant_id: UUID, operation_id: UUID, *, after: int, limit: int
) -> list[tuple[Mapping[str, Any], dict[str, Any]]]:
    """What became of the next rows, each with what differs; what is sealed is opened, if its subject is not erased."""
    rows = await repository.results_of(connection, operation_id, after=after, limit=limit)
    subjects = {row["subject_id"] for row in rows if (row["detail"] or {}).get("sealed")}
    keys = await find_keys(connection, subjects) if subjects else {}
    told = []
    for row in rows:
        detail = row["detail"] or {}
        changes = dict(detail.get("diff") or {})
        key = keys.get(row["subject_id"])
        if detail.get("sealed") and key is not None and key.wrapped_key is not None:
            cipher = vault_of(connection).cipher(tenant_id, key.subject_id, key.kek_id, key.wrapped_key)
            where = diff_place(tenant_id, operation_id, row["number"])
            changes |= orjson.loads(unseal(cipher, from_text(detail["sealed"]), where))
        told.append((row, changes))
    return told
