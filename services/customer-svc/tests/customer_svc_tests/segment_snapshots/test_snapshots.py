from uuid import uuid4

import httpx
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.segments.support import becomes, names, patched, posted, settled


async def test_a_snapshot_stays_as_it_was(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    first = await posted(client, "customers", name="甲", grade="A")
    second = await posted(client, "customers", name="乙", grade="A", owner_id=None)
    await start_worker(service)
    segment = await settled(client, await posted(client, "segments", name="大客户", expression="grade == 'A'"))

    taken = await posted(client, "segment-snapshots", segment_id=segment["id"])
    named = await posted(client, "segment-snapshots", segment_id=segment["id"], name="一季度")
    await patched(client, "customers", first, grade="B")
    await becomes(client, segment, "乙")
    await client.delete(f"/v1/segments/{segment['id']}", headers={"if-match": f'"{segment["version"]}"'})

    assert taken == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": taken["created_at"],
        "updated_by": agent.actor,
        "segment_id": segment["id"],
        "name": "大客户",
        "expression": "grade == 'A'",
        "taken_at": taken["created_at"],
        "members": 2,
    }
    path = f"segment-snapshots/{taken['id']}/members"
    assert await names(client, path) == sorted(["甲", "乙"])
    async with service.as_(colleague(agent, "segments:read", "customers:read", visibility="own")) as blind:
        assert await names(blind, path) == ["乙"]
    async with service.as_(caller()) as stranger:
        assert (await stranger.get(f"/v1/{path}")).status_code == 404
    params = {"filter": f"segment_id == '{segment['id']}'", "fields": "name"}
    assert (await client.get("/v1/segment-snapshots", params=params)).json()["items"] == [
        {"name": "一季度"},
        {"name": "大客户"},
    ]
    gone = await client.delete(f"/v1/segment-snapshots/{named['id']}", headers={"if-match": '"1"'})
    rows = await service.sql("SELECT DISTINCT snapshot_id FROM segment_snapshot_members")
    events = await service.sql("SELECT type FROM outbox WHERE aggregate_type = 'segment_snapshot' ORDER BY id")
    assert (gone.status_code, [str(row["snapshot_id"]) for row in rows]) == (204, [taken["id"]])
    assert [row["type"].removeprefix("segment_snapshot.") for row in events] == ["taken", "taken", "deleted"]
    assert second["id"] != first["id"]


async def test_a_snapshot_is_taken_of_settled_members_only(client: httpx.AsyncClient, service: RunningService) -> None:
    segment = await posted(client, "segments", name="大客户", expression="grade == 'A'")

    early = await client.post("/v1/segment-snapshots", json={"segment_id": segment["id"]})
    unknown = await client.post("/v1/segment-snapshots", json={"segment_id": str(uuid4())})

    assert (early.status_code, early.json()["code"]) == (409, "segment_not_current")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_segment")
    assert await service.sql("SELECT 1 FROM segment_snapshot_members") == []
