"""The keys of the settings: what a process needs to start, and how they are rotated while people are being written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from asgi_lifespan import LifespanManager
from pydantic import SecretStr

from crm_platform.app import create_service_app
from crm_platform.context import Caller
from crm_platform.sealing.keyring import UnusableKeys, fingerprint
from crm_platform.sealing.rotation import key_usage, rewrap_keys, rewrap_portion
from crm_platform.settings import SealingSettings
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sealing import SEALING, key_texts
from crm_platform.testing.waiting import until
from crm_platform.worker import Worker
from platform_tests.sealing.test_erasure import erase
from platform_tests.sealing.test_records import enter

OLD, NEW = 1, 2


@asynccontextmanager
async def another(running: RunningService, *keys: int) -> AsyncIterator[RunningService]:
    """Another process of the service, with these keys."""
    sealing = SEALING.model_copy(update={"keys": key_texts(*keys)})
    settings = running.settings.model_copy(update={"sealing": sealing})
    app = create_service_app(running.service, settings)
    another = replace(running, settings=settings, app=app)
    async with LifespanManager(app), aclosing(another):
        yield another


@pytest.mark.parametrize(
    ("sealing", "complaint"),
    [
        (SealingSettings(), "CRM_SEALING__INDEX_SECRET is not set"),
        (SealingSettings(index_secret=key_texts(1)), "CRM_SEALING__KEYS names no key"),
        (SealingSettings(index_secret=key_texts(1), keys=SecretStr(" , ")), "CRM_SEALING__KEYS names no key"),
        (
            SealingSettings(index_secret=key_texts(1), keys=SecretStr(f"{key_texts(1).get_secret_value()},c2hvcnQ")),
            "key 2 of CRM_SEALING__KEYS is not 32 bytes in base64url",
        ),
        (SealingSettings(index_secret=SecretStr("密"), keys=key_texts(1)), "CRM_SEALING__INDEX_SECRET is not 32 bytes"),
    ],
)
async def test_a_process_that_seals_does_not_start_without_keys(
    service: RunningService, sealing: SealingSettings, complaint: str
) -> None:
    settings = service.settings.model_copy(update={"sealing": sealing})

    for start in (create_service_app, Worker):
        with pytest.raises(UnusableKeys, match=complaint) as refused:
            start(service.service, settings)
        assert "c2hvcnQ" not in str(refused.value)


async def test_nor_without_a_key_that_is_in_use(client: httpx.AsyncClient, service: RunningService) -> None:
    await enter(client, 1)
    settings = service.settings.model_copy(update={"sealing": SEALING.model_copy(update={"keys": key_texts(NEW)})})
    known = service.app.state.runtime.database.vault.keys.active

    with pytest.raises(UnusableKeys, match=f"CRM_SEALING__KEYS does not have: {known}"):
        async with LifespanManager(create_service_app(service.service, settings)):
            pass
    with pytest.raises(UnusableKeys, match=f"CRM_SEALING__KEYS does not have: {known}"):
        await Worker(service.service, settings).run(asyncio.Event())

    sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name ^@ $1"

    async def only_those_of_the_service() -> bool:
        return await service.sql(sessions, "customer-svc") == [(service.app.state.runtime.database.pool.get_size(),)]

    await until(only_those_of_the_service)


async def test_a_process_that_does_not_have_the_new_key_yet_says_try_again(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    async with another(service, NEW, OLD) as ahead, ahead.as_(agent) as there:
        record = await enter(there, 1)

    answer = await client.get(f"/v1/people/{record['id']}")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (await client.get("/v1/people", params={"fields": "name"})).status_code == 200


async def test_keys_are_rotated_while_people_are_written(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    records = [await enter(client, number) for number in range(20)]
    async with another(service, NEW, OLD) as ahead, another(service, OLD, NEW) as behind:
        stop = asyncio.Event()
        database = ahead.app.state.runtime.database
        working = [asyncio.create_task(rewrap_keys(database, stop)) for _ in range(2)]
        async with ahead.as_(agent) as there, behind.as_(agent) as here:
            records += [await enter(there if number % 2 else here, number) for number in range(20, 30)]
            for record in records[:5]:
                await _change(here, record["id"])
                await _change(there, record["id"])
            # What processes with the old key in front have written in the meantime is found by the next look.
            while await rewrap_portion(database):
                pass
            usage = await key_usage(database)
        stop.set()
        await asyncio.wait_for(asyncio.gather(*working), 30)

    active = fingerprint(bytes([NEW]) * 32)
    assert usage == {"active": active, "keys": [{"id": active, "subjects": 30}]}
    async with another(service, NEW) as after, after.as_(agent) as there:
        shown = (await there.get("/v1/people", params={"limit": 50, "fields": "id,phone"})).json()["items"]
    expected = {record["id"]: record["phone"] for record in records} | {r["id"]: "changed" for r in records[:5]}
    assert {record["id"]: record["phone"] for record in shown} == expected


async def _change(client: httpx.AsyncClient, id: str) -> None:
    tag = (await client.get(f"/v1/people/{id}")).headers["etag"]
    phone = {'"1"': "once"}.get(tag, "changed")
    changed = await client.patch(f"/v1/people/{id}", json={"phone": phone}, headers={"if-match": tag})
    assert changed.status_code == 200, changed.text


async def test_a_destroyed_key_is_not_wrapped_again(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    record = await enter(client, 1)
    await erase(service, agent.tenant_id, record["id"])

    async with another(service, NEW) as after:
        assert await rewrap_portion(after.app.state.runtime.database) == 0
        async with after.as_(agent) as there:
            assert (await there.get(f"/v1/people/{record['id']}")).json()["phone"] is None


async def test_the_worker_rotates_and_tells_operators(client: httpx.AsyncClient, service: RunningService) -> None:
    await enter(client, 1)
    sealing = SEALING.model_copy(update={"keys": key_texts(NEW, OLD)})
    worker = Worker(service.service, service.settings.model_copy(update={"sealing": sealing}))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))

    async def rotated() -> bool:
        keys = await service.sql("SELECT kek_id FROM subject_keys")
        active = worker.database.vault
        return active is not None and keys == [(active.keys.active,)]

    await until(rotated)
    stop.set()
    await asyncio.wait_for(running, 30)
    assert [(command.method, command.path) for command in worker.commands] == [("GET", "sealing")]
