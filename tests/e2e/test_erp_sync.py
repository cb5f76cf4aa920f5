import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge import Pump, SubjectKeys
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.waiting import until
from customer_svc.slices import SERVICE
from erp_sync.__main__ import TOPICS
from erp_sync.ledger import FIELDS, Ledger

COMPARED = FIELDS


@pytest.fixture
async def service(start_service: StartService, start_worker: StartWorker) -> RunningService:
    running = await start_service(SERVICE)
    await start_worker(running)
    return running


@asynccontextmanager
async def erp(client: httpx.AsyncClient, service: RunningService, agent: Caller, folder: Path) -> AsyncIterator[Ledger]:
    """The ERP side, in this process; the other process has the same code and its own file."""
    await until(lambda: order_topic(service))
    ledger = Ledger(folder / "erp.sqlite3")
    stop = asyncio.Event()
    kafka = service.settings.kafka
    pump = Pump(
        ledger,
        system="erp",
        tenant=str(agent.tenant_id),
        bootstrap=kafka.bootstrap,
        topics=TOPICS[:1],
        handle=ledger.take_in,
        keys=SubjectKeys(client, "/v1/subject-keys"),
        prefix=kafka.topic_prefix,
    )
    task = asyncio.create_task(pump.run(stop))
    try:
        yield ledger
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)
        ledger.close()


async def order_topic(service: RunningService) -> bool:
    return bool(await service.sql("SELECT 1 FROM consumer_instance"))


async def customers(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    items = (await client.get("/v1/customers", params={"limit": 200})).json()["items"]
    return {item["id"]: {name: item[name] for name in COMPARED} for item in items}


async def both_equal(client: httpx.AsyncClient, service: RunningService, ledger: Ledger) -> bool:
    unsent = await service.sql("SELECT 1 FROM outbox WHERE published_at IS NULL")
    return not unsent and not ledger.pending(1) and await customers(client) == ledger.customers()


async def settle_all(client: httpx.AsyncClient, pick: random.Random) -> int:
    items = (await client.get("/v1/sync-conflicts", params={"filter": "status == 'open'"})).json()["items"]
    for item in items:
        action = pick.choice(["keep-ours", "take-theirs"])
        path = f"/v1/sync-conflicts/{item['id']}/{action}"
        answer = await client.post(path, headers={"if-match": f'"{item["version"]}"'})
        assert answer.status_code in {200, 412}, answer.text
    return len(items)


async def change_here(client: httpx.AsyncClient, pick: random.Random, id: str) -> None:
    field, value = pick.choice(
        [
            ("name", f"名称 {pick.random():.6f}"),
            ("phone", f"138 {pick.randrange(10**8):08}"),
            ("payment_terms_days", pick.randrange(90)),
        ]
    )
    shown = await client.get(f"/v1/customers/{id}")
    answer = await client.patch(f"/v1/customers/{id}", json={field: value}, headers={"if-match": shown.headers["etag"]})
    assert answer.status_code in {200, 412} or answer.json()["code"] == "field_owned_elsewhere", answer.text


def change_there(ledger: Ledger, pick: random.Random) -> None:
    numbers = [row[0] for row in ledger.db.execute("SELECT number FROM customer")]
    if not numbers:
        return
    amount = {"amount": str(pick.randrange(1, 1000)), "currency": "CNY"}
    field, value = pick.choice(
        [("payment_terms_days", pick.randrange(90)), ("credit_limit", amount), ("name", f"ERP {pick.random():.6f}")]
    )
    ledger.change_customer(pick.choice(numbers), {field: value})


@pytest.mark.parametrize("seed", [1, 2])
async def test_both_sides_are_equal_after_any_interleaving_of_changes(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, tmp_path: Path, seed: int
) -> None:
    pick = random.Random(seed)  # noqa: S311  (chooses changes, not secrets)
    ids = [(await client.post("/v1/customers", json={"name": f"客户 {n}"})).json()["id"] for n in range(4)]
    async with erp(client, service, agent, tmp_path) as ledger:
        for step in range(60):
            if pick.random() < 0.5:
                await change_here(client, pick, pick.choice(ids))
            else:
                change_there(ledger, pick)
            if step == 30:
                ledger.enter_customer({"name": "来自 ERP", "payment_terms_days": 45})
            if step % 10 == 9:
                await asyncio.gather(settle_all(client, pick), until(lambda: both_known(ledger, 4)))

        async def agreed() -> bool:
            await settle_all(client, pick)
            return await both_equal(client, service, ledger)

        await until(agreed, seconds=40)
        here, there = await customers(client), ledger.customers()

    assert here == there
    assert len(here) == 5
    assert await service.sql("SELECT 1 FROM dead_letter") == []


async def both_known(ledger: Ledger, count: int) -> bool:
    return len(ledger.customers()) >= count


async def test_nobody_hears_his_own_echo(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, tmp_path: Path
) -> None:
    id = (await client.post("/v1/customers", json={"name": "观心"})).json()["id"]
    async with erp(client, service, agent, tmp_path) as ledger:
        await until(lambda: seen(ledger, 2))
        ledger.change_customer("C-000001", {"payment_terms_days": 30})
        await until(lambda: both_equal(client, service, ledger))
        sent = [row["type"] for row in ledger.db.execute("SELECT type FROM outgoing")]
        refused = await client.patch(
            f"/v1/customers/{id}", json={"payment_terms_days": 60}, headers={"if-match": '"3"'}
        )

    assert sent == ["erp.customer_changed", "erp.customer_changed"]
    events = await service.sql("SELECT version, headers->>'origin' AS origin FROM outbox ORDER BY id")
    assert [(row["version"], row["origin"]) for row in events] == [(1, "crm"), (2, "erp"), (3, "erp")]
    assert (refused.status_code, refused.json()["code"]) == (409, "field_owned_elsewhere")


async def seen(ledger: Ledger, version: int) -> bool:
    return [row[0] for row in ledger.db.execute("SELECT crm_version FROM customer")] == [version]


async def linked(client: httpx.AsyncClient, id: str) -> bool:
    return bool((await client.get(f"/v1/customers/{id}")).json()["external_refs"])


async def test_a_change_of_a_field_that_is_ours_waits_for_a_person(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, tmp_path: Path
) -> None:
    id = (await client.post("/v1/customers", json={"name": "观心"})).json()["id"]
    async with erp(client, service, agent, tmp_path) as ledger:
        await until(lambda: linked(client, id))
        ledger.change_customer("C-000001", {"name": "ERP 名称"})
        (conflict,) = await until(lambda: open_conflicts(client))
        path = f"/v1/sync-conflicts/{conflict['id']}/keep-ours"
        settled = await client.post(path, headers={"if-match": '"1"'})
        await until(lambda: both_equal(client, service, ledger))

    assert (conflict["field"], conflict["ours"], conflict["theirs"]) == ("name", "观心", "ERP 名称")
    assert settled.json()["status"] == "kept_ours"
    assert (await client.get(f"/v1/customers/{id}")).json()["name"] == "观心"


async def open_conflicts(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/v1/sync-conflicts", params={"filter": "status == 'open'"})
    return list(answer.json()["items"])
