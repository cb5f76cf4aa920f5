"""Publishing again on an operator's request: past events, and current states for a service that starts empty."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from analytics_svc.slices import SERVICE as ANALYTICS
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.waiting import until
from platform_tests.observability.processes import Running
from platform_tests.worker.support import operator, published, worker_process

PORTION = 100


async def ordered(process: Running, **order: Any) -> dict[str, Any]:
    """Ask for a replay and wait until it is worked off, which takes up to a second; returns how it ended."""
    answer = await operator(process, "POST", "replay", json=order)
    assert answer.status_code == 202, answer.text
    number = answer.json()["request"]

    async def finished() -> dict[str, Any]:
        listed = (await operator(process, "GET", "replay")).json()["items"]
        (found,) = [one for one in listed if one["id"] == number]
        return found if found["status"] != "pending" else {}

    return await until(finished)


async def published_of(service: RunningService, who: Caller) -> list[Any]:
    """The published events of one company."""
    return [row for row in await published(service) if row["tenant_id"] == who.tenant_id]


def moved(before: list[Any], after: list[Any]) -> set[tuple[str, int]]:
    """The events that were published once more in between: type and version."""
    return {
        (row["type"], row["version"])
        for old, row in zip(before, after, strict=True)
        if (row["partition"], row["offset"]) != (old["partition"], old["offset"])
    }


async def test_events_are_replayed_by_topic_aggregate_tenant_and_time(
    shared_process: Running, shared_service: RunningService, shared_client: httpx.AsyncClient, agent: Caller
) -> None:
    process, service, client = shared_process, shared_service, shared_client
    ids = []
    for name in ("a", "b"):
        customer = (await client.post("/v1/customers", json={"name": name})).json()
        await client.patch(f"/v1/customers/{customer['id']}", json={"grade": "A"}, headers={"if-match": '"1"'})
        ids.append(customer["id"])
    talk = {"customer_id": ids[0], "kind": "call", "subject": "s", "happened_at": "2026-01-01T00:00:00Z"}
    assert (await client.post("/v1/communications", json=talk)).status_code == 201
    rows = await published_of(service, agent)
    created, updated = ("customer.created", 1), ("customer.updated", 2)
    recorded = ("communication.recorded", 1)
    later = rows[3]["occurred_at"].isoformat()
    orders: list[tuple[dict[str, Any], int, set[tuple[str, int]]]] = [
        ({"aggregate_id": ids[0]}, 2, {created, updated}),
        ({"topic": "crm.communication.v1"}, 1, {recorded}),
        ({"aggregate_type": "customer", "to": later}, 3, {created, updated}),
        ({"topic": "crm.customer.v1", "from": later}, 1, {updated}),
        ({"tenant_id": str(new_id())}, 0, set()),
    ]
    for order, count, events in orders:
        before = await published_of(service, agent)
        outcome = await ordered(process, **{"tenant_id": str(agent.tenant_id), **order})
        assert (outcome["status"], outcome["rows"], outcome["error"]) == ("done", count, None), order
        assert outcome["requested_by"] == "operator"
        assert moved(before, await published_of(service, agent)) == events, order


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no json", 400, "bad_request"),
        (b"[]", 422, "invalid_payload"),
        (b'{"subject": "x"}', 422, "invalid_payload"),
        (b'{"aggregate_id": "x"}', 422, "invalid_payload"),
        (b'{"from": "2026-01-01T00:00:00"}', 422, "invalid_payload"),
        (b'{"snapshot": true}', 400, "bad_request"),
        (b'{"snapshot": true, "aggregate_type": "customer", "topic": "crm.customer.v1"}', 400, "bad_request"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(
    shared_process: Running, body: bytes, status: int, code: str
) -> None:
    answer = await operator(shared_process, "POST", "replay", content=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_snapshots_of_what_the_service_does_not_have_fail_and_say_what_there_is(shared_process: Running) -> None:
    outcome = await ordered(shared_process, snapshot=True, aggregate_type="galaxy")

    assert outcome["status"] == "failed"
    assert "galaxy" in outcome["error"]
    assert "customer" in outcome["error"]


async def entered(service: RunningService, who: Caller, count: int) -> list[str]:
    """Enter many customers, in portions that a loaded machine writes within a request's deadline."""
    ids: list[str] = []
    async with service.as_(who) as client:
        for first in range(0, count, PORTION):
            numbers = range(first, min(first + PORTION, count))
            items = [{"name": f"客户 {number}", "industry": "retail"} for number in numbers]
            answer = await client.post("/v1/customers/batch", json={"items": items})
            assert answer.status_code == 200, answer.text
            assert answer.json()["created"] == len(items), answer.text
            ids += [result["id"] for result in answer.json()["results"]]
    return ids


async def copies(analytics: RunningService) -> dict[tuple[UUID, UUID], tuple[int, str, str]]:
    """What the other service knows of customers."""
    rows = await analytics.sql("SELECT tenant_id, id, version, name, status FROM customers")
    return {(row["tenant_id"], row["id"]): (row["version"], row["name"], row["status"]) for row in rows}


async def originals(service: RunningService) -> dict[tuple[UUID, UUID], tuple[int, str, str]]:
    rows = await service.sql("SELECT tenant_id, id, version, name, status FROM customers")
    return {(row["tenant_id"], row["id"]): (row["version"], row["name"], row["status"]) for row in rows}


async def test_a_service_that_starts_empty_gets_all_states_and_then_follows_the_events(
    start_service: StartService,
    start_worker: StartWorker,
    service: RunningService,
    agent: Caller,
    tmp_path: Path,
) -> None:
    other = caller()
    ids = await entered(service, agent, 600)
    await entered(service, other, 5)
    async with service.as_(agent) as client:
        for id in ids[:3]:
            await client.post(f"/v1/customers/{id}/activate", json={}, headers={"if-match": '"1"'})
    await service.sql("DELETE FROM outbox")  # the events are older than what is retained
    analytics = await start_service(ANALYTICS)
    await start_worker(analytics)
    async with worker_process(service, tmp_path) as process, service.as_(agent) as client:
        outcome = await ordered(process, snapshot=True, aggregate_type="customer")
        assert (outcome["status"], outcome["rows"]) == ("done", 605)

        async def agree() -> bool:
            return await copies(analytics) == await originals(service)

        await until(agree)
        assert len(await copies(analytics)) == 605

        await client.post(f"/v1/customers/{ids[0]}/churn", json={}, headers={"if-match": '"2"'})
        await client.patch(f"/v1/customers/{ids[1]}", json={"name": "Renamed"}, headers={"if-match": '"2"'})
        await client.delete(f"/v1/customers/{ids[2]}", headers={"if-match": '"2"'})
        await entered(service, agent, 2)
        await until(agree)
        known = await copies(analytics)
        assert known[agent.tenant_id, UUID(ids[0])] == (3, "客户 0", "churned")
        assert known[agent.tenant_id, UUID(ids[1])] == (3, "Renamed", "active")
        assert len(known) == 606

        again = await ordered(process, snapshot=True, aggregate_type="customer", tenant_id=str(other.tenant_id))
        assert (again["status"], again["rows"]) == ("done", 5)
        await published(service)
        await until(agree)
        assert await analytics.sql("SELECT 1 FROM dead_letter UNION ALL SELECT 1 FROM consumer_gap") == []
