"""A worker process from start to end: asked to stop, killed, without what it needs."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from crm_platform.audit.verify import verify_service
from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.settings import DatabaseSettings, KafkaSettings, TraceSettings
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.waiting import until
from crm_platform.worker import Worker
from customer_svc.slices import SERVICE
from platform_tests.observability.processes import Running
from platform_tests.persistence.support import road_to
from platform_tests.worker.support import published, worker_process
from sales_svc.slices import SERVICE as SALES

SOON = 8.0
"""Seconds within which a worker stops; a supervisor kills it after more."""


async def stops_soon(process: Running, number: int) -> float:
    began = time.monotonic()
    async with asyncio.timeout(SOON):
        assert await process.end(number) == 0
    return time.monotonic() - began


async def test_a_worker_that_is_asked_to_stop_does_so_in_order(
    service: RunningService, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    async with worker_process(service, tmp_path) as process:
        await client.post("/v1/customers", json={"name": "Acme"})
        await published(service)
        assert (await process.client.get("/health/ready")).json()["details"]["relay"]["state"] == "leader"
        await stops_soon(process, signal.SIGTERM)

        assert [line for line in process.lines() if line["level"] not in {"info", "debug"}] == []
    sessions = await service.sql("SELECT application_name FROM pg_stat_activity WHERE datname = current_database()")
    assert {row[0] for row in sessions} <= {*service.sessions(), ""}


async def test_a_worker_without_postgresql_lives_waits_and_stops_when_asked(
    service: RunningService, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    await client.post("/v1/customers", json={"name": "Waiting"})
    async with road_to(service.settings.db.url) as road:
        database = service.settings.db.model_copy(update={"url": road.url, "connect_timeout": 1.0})
        await road.close()
        async with worker_process(service, tmp_path, ready="/health/live", db=database) as process:
            missing = await process.client.get("/health/ready")
            assert (missing.status_code, missing.json()["status"]) == (503, "unavailable")
            await road.open()

            async def ready() -> bool:
                return (await process.client.get("/health/ready")).status_code == 200

            await until(ready)
            await published(service)
            await road.close()
            assert (await process.client.get("/health/live")).status_code == 200
            assert (await process.client.get("/health/ready")).status_code == 503
            await stops_soon(process, signal.SIGTERM)


async def test_a_worker_without_broker_and_collector_seals_and_stops_when_asked(
    service: RunningService, client: httpx.AsyncClient, tmp_path: Path, free_ports: Any
) -> None:
    nowhere, nobody = free_ports(2)
    kafka = KafkaSettings(bootstrap=f"127.0.0.1:{nowhere}")
    trace = TraceSettings(sample_ratio=1, otlp_endpoint=f"http://127.0.0.1:{nobody}")
    async with worker_process(service, tmp_path, kafka=kafka, trace=trace) as process:
        await client.post("/v1/customers", json={"name": "Unpublished"})

        async def sealed() -> bool:
            return await service.sql("SELECT 1 FROM audit_entries WHERE seq IS NOT NULL") != []

        await until(sealed)
        await stops_soon(process, signal.SIGINT)
    assert await service.sql("SELECT 1 FROM outbox WHERE published_at IS NULL") != []


async def test_a_worker_says_what_it_reads_and_where_its_tasks_wait(service: RunningService, tmp_path: Path) -> None:
    every = [f"{topic}/{number}" for topic in SERVICE.consumed_topics() for number in range(KafkaSettings().partitions)]
    async with worker_process(service, tmp_path) as process:

        async def read() -> list[str] | None:
            consumer = (await process.client.get("/health/ready")).json()["details"]["consumer"]
            return consumer["partitions"] if len(consumer["lag"]) == len(every) else None

        assert await until(read) == every
        process.process.send_signal(signal.SIGUSR1)

        async def shown() -> list[str]:
            return [line["tasks"] for line in process.lines() if line["event"] == "worker_tasks"]

        (tasks,) = await until(shown)
        assert (await process.client.get("/health/live")).status_code == 200

    assert {"events-relay", "events-consumer", "sealer", "http"} <= {
        line.partition(":")[0] for line in tasks.split("\n")
    }
    assert "relay.py:" in tasks


async def test_workers_killed_in_the_middle_lose_and_double_nothing(
    start_service: StartService,
    start_worker: StartWorker,
    service: RunningService,
    agent: Caller,
    tmp_path: Path,
) -> None:
    sales = await start_service(SALES)
    written: list[str] = []

    async def write() -> None:
        async with service.as_(agent) as client:
            for _ in range(10):
                body = {"items": [{"name": f"Customer {number}"} for number in range(20)]}
                answer = await client.post("/v1/customers/batch?allow_duplicates=true", json=body)
                written.extend(result["id"] for result in answer.json()["results"])

    async def known() -> int:
        return len(await sales.sql("SELECT 1 FROM known_customers"))

    async def went_on(since: int) -> bool:
        return await known() > since

    async with AsyncExitStack() as stack:
        starting = [stack.enter_async_context(worker_process(one, tmp_path)) for one in (service, sales)]
        producing, consuming = await asyncio.gather(*starting)
        writing = asyncio.create_task(write())
        await until(partial(went_on, 0))
        for victim in (consuming, producing):
            assert await victim.end(signal.SIGKILL) == -signal.SIGKILL
        await writing
    await start_worker(service)
    await start_worker(sales)
    await published(service)
    await until(partial(went_on, len(written) - 1))

    async def all_sealed() -> bool:
        return await service.sql("SELECT 1 FROM audit_entries WHERE seq IS NULL") == []

    await until(all_sealed)
    copies = await sales.sql("SELECT id, version FROM known_customers")
    assert {(str(row["id"]), row["version"]) for row in copies} == {(id, 1) for id in written}
    assert await sales.sql("SELECT 1 FROM dead_letter UNION ALL SELECT 1 FROM consumer_gap") == []
    report = await verify_service(service.settings.db.url, SERVICE.name, service.settings.audit.checkpoint_dir)
    assert (report.findings, report.unsealed, report.entries) == ([], 0, len(written))


async def test_a_job_that_fails_is_started_again_and_disturbs_nobody(service: RunningService) -> None:
    tries: list[str] = []
    done = asyncio.Event()

    async def fragile(database: Database, stop: asyncio.Event) -> None:
        tries.append(type(database).__name__)
        if len(tries) < 3:
            raise ZeroDivisionError
        done.set()
        await stop.wait()

    worker = Worker(SERVICE, service.settings, jobs=(fragile,))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(60):
        await done.wait()
        assert not running.done()
        stop.set()
        await running

    assert tries == ["Database"] * 3


async def test_waiting_for_postgresql_leaves_nothing_behind(service: RunningService, free_ports: Any) -> None:
    (port,) = free_ports(1)
    away = DatabaseSettings(url=f"postgresql://nobody:x@127.0.0.1:{port}/none", connect_timeout=0.2)
    worker = Worker(SERVICE, service.settings.model_copy(update={"db": away}))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    before = asyncio.all_tasks()

    async def tried() -> bool:
        return len(asyncio.all_tasks() - before) > 0

    await until(tried)
    stop.set()
    async with asyncio.timeout(30):
        await running
    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()
