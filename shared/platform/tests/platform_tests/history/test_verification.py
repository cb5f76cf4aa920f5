"""Whatever was done to a record's trail, or to the record past it, is found."""

from typing import Any
from uuid import UUID

import httpx

from crm_platform.audit.sealer import Sealer
from crm_platform.testing.plugin import RunningService
from platform_tests.history.test_changes import patch
from platform_tests.sealing.test_records import enter


async def verify(client: httpx.AsyncClient, id: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/people/{id}/history/verification")
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


async def told(client: httpx.AsyncClient) -> dict[str, Any]:
    """A record with three versions, among others'."""
    record = await enter(client, 1)
    await enter(client, 2)
    record = await patch(client, record, name="李四")
    return await patch(client, record, phone=None)


async def seal(service: RunningService) -> None:
    assert await Sealer(service.app.state.runtime.database, service.settings).seal_batch() > 0


async def test_what_nobody_touched_is_sound(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await told(client)
    counts = {"sound": True, "entries": 3, "version": 3, "findings": []}
    assert await verify(client, record["id"]) == {**counts, "sealed": 0, "unsealed": 3}

    await seal(service)
    assert await verify(client, record["id"]) == {**counts, "sealed": 3, "unsealed": 0}

    await client.delete(f"/v1/people/{record['id']}", headers={"if-match": '"3"'})
    gone = {**counts, "entries": 4, "version": 4, "sealed": 3, "unsealed": 1}
    assert await verify(client, record["id"]) == gone


ENTRY = "UPDATE audit_entries SET {} WHERE aggregate_id = $1 AND version = {}"
GONE = "DELETE FROM audit_entries WHERE aggregate_id = $1 AND version = {}"
HARM = (
    (ENTRY.format("reason = 'x'", 2), {("changed", 2)}),
    (ENTRY.format("actor = 'user:x'", 2), {("changed", 2)}),
    (ENTRY.format("after = jsonb_set(after, '{$origin}', '\"erp\"')", 2), {("changed", 2)}),
    (ENTRY.format("after = jsonb_set(after, '{name}', '\"王\"')", 2), {("changed", 2), ("record", 3)}),
    (ENTRY.format("hash = NULL", 3), {("changed", 3)}),
    (ENTRY.format("previous_hash = hash", 2), {("changed", 2), ("reordered", 2)}),
    (GONE.format(2), {("removed", 2), ("reordered", 3), ("record", 3)}),
    (GONE.format(3), {("record", 2)}),
    ("UPDATE people SET name = '王' WHERE id = $1", {("record", 3)}),
    ("UPDATE people SET version = 4 WHERE id = $1", {("record", 3)}),
    ("DELETE FROM people WHERE id = $1", {("record", 3)}),
)
"""What somebody does to the database, and what is found: the kind, and the version that it is about."""


async def test_harm_is_found_and_named(client: httpx.AsyncClient, service: RunningService) -> None:
    for harm, expected in HARM:
        record = await told(client)
        await seal(service)

        await service.sql(harm, UUID(record["id"]))

        report = await verify(client, record["id"])
        assert {(one["kind"], one["version"]) for one in report["findings"]} == expected, harm
        assert not report["sound"]


async def test_other_records_stay_sound(client: httpx.AsyncClient, service: RunningService) -> None:
    one, other = await enter(client, 1), await enter(client, 2)
    await seal(service)

    await service.sql("UPDATE audit_entries SET reason = 'x' WHERE aggregate_id = $1", UUID(one["id"]))

    assert (await verify(client, other["id"]))["sound"]
