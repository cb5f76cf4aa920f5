import httpx
import orjson

from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sweeps import swept
from crm_platform.testing.waiting import until
from customer_svc_tests.quality_scores.support import becomes, rule
from customer_svc_tests.segments.support import patched, posted

LIMITS = {"degraded_below": 60, "recovered_at": 80}


async def told(service: RunningService) -> list[tuple[str, str, str | None]]:
    """What the monitors said, with their names and averages."""
    rows = await service.sql("SELECT type, payload FROM outbox WHERE type LIKE 'data_quality.%' ORDER BY id")
    states = [(row["type"], orjson.loads(row["payload"])["state"]) for row in rows]
    return [(kind, state["name"], state["average"]) for kind, state in states]


async def test_degraded_data_is_told_of_once_and_its_recovery_too(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await start_worker(service)
    await rule(client, "sourced", "has(source)")
    made = [await posted(client, "customers", name=name) for name in ("甲", "乙", "丙", "丁")]
    await posted(client, "quality-monitors", name="全部", **LIMITS)
    await posted(client, "quality-monitors", name="展会", dimension="source", key="展会", **LIMITS)
    await posted(client, "quality-monitors", name="多", least_records=5, **LIMITS)
    await becomes(client, made[3], 0, "sourced")
    await swept(service, "quality.watch")

    async def watched() -> None:
        """Let the monitors look once more."""
        before = await service.sql("SELECT id FROM operations WHERE kind = 'quality.watch'")
        await service.sql("UPDATE operation_sweeps SET next_at = now() WHERE kind = 'quality.watch'")

        async def ended() -> bool:
            rows = await service.sql(
                "SELECT id FROM operations WHERE kind = 'quality.watch' AND finished_at IS NOT NULL"
            )
            return bool(rows) and rows != before

        await until(ended, seconds=60)

    await watched()
    degraded = [("data_quality.degraded", "全部", "0.00")]
    assert await told(service) == degraded
    for number in range(3):
        made[number] = await patched(client, "customers", made[number], source="展会")
        await becomes(client, made[number], 100)
        await watched()
    # 25, 50 and 75 are neither below nor good enough.
    assert await told(service) == degraded
    await patched(client, "customers", made[3], source="展会")
    await becomes(client, made[3], 100)
    await watched()
    await watched()
    assert await told(service) == [*degraded, ("data_quality.recovered", "全部", "100.00")]
    (all_of_them,) = (await client.get("/v1/quality-monitors", params={"filter": "name == '全部'"})).json()["items"]
    assert (all_of_them["version"], all_of_them["degraded"], all_of_them["average"]) == (3, False, 100)


async def test_a_monitor_is_set_up_changed_and_removed(client: httpx.AsyncClient, service: RunningService) -> None:
    made = await posted(client, "quality-monitors", name="全部", **LIMITS)
    again = await client.post("/v1/quality-monitors", json={"name": "全部", **LIMITS})
    refused = await client.post("/v1/quality-monitors", json={"name": "?", "degraded_below": 60, "recovered_at": 50})
    changed = await patched(client, "quality-monitors", made, dimension="source", key="展会", recovered_at=99.5)
    crossed = await client.patch(
        f"/v1/quality-monitors/{made['id']}", json={"degraded_below": 99.51}, headers={"if-match": '"2"'}
    )
    gone = await client.delete(f"/v1/quality-monitors/{made['id']}", headers={"if-match": '"2"'})

    assert (made["dimension"], made["key"], made["degraded"], made["average"]) == ("all", "", False, None)
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    for answer in (refused, crossed):
        assert answer.status_code == 422
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
            ("/recovered_at", "limits_crossed")
        ]
    assert (changed["dimension"], changed["key"], changed["recovered_at"]) == ("source", "展会", 99.5)
    assert gone.status_code == 204
    rows = await service.sql("SELECT type FROM outbox ORDER BY id")
    assert [row["type"] for row in rows] == [
        "quality_monitor.created",
        "quality_monitor.updated",
        "quality_monitor.deleted",
    ]
