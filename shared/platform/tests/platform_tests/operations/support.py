"""A running service with operations: asked over HTTP, worked for by runners in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.operations.kinds import Standing, Sweep
from crm_platform.operations.runner import Runner
from crm_platform.operations.settings import RunnerSettings
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from platform_tests.operations.slice import KINDS

QUICK = RunnerSettings(first_retry=0.02, longest_retry=0.1, poll=0.2, observe=0.1, grace=1.0)
"""So that a test does not wait for what takes its time in earnest."""

SHORT_LEASE = replace(QUICK, lease=1.0, parallel=1)
"""For workers that are killed and frozen."""


@dataclass
class House:
    """The service of one test."""

    service: RunningService

    def new_runner(
        self,
        database: Database,
        settings: RunnerSettings = QUICK,
        *,
        registry: CollectorRegistry | None = None,
        standing: Standing | None = None,
        sweeps: tuple[Sweep, ...] = (),
    ) -> Runner:
        """A runner that knows the kinds of these tests."""
        return Runner(
            service="sales-svc",
            database=database,
            dsn=self.service.settings.db.url,
            kinds=tuple(KINDS.values()),
            sweeps=sweeps,
            standing=standing,
            registry=registry,
            settings=settings,
        )

    @asynccontextmanager
    async def working(self, settings: RunnerSettings = QUICK, **options: Any) -> AsyncIterator[None]:
        """A runner at work, with connections of its own."""
        database = Database(self.service.settings.db, name="test-runner")
        await database.open()
        stop = asyncio.Event()
        task = asyncio.create_task(self.new_runner(database, settings, **options).run(stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 30)
            await database.close()

    async def begin(self, who: Caller, kind: str = "test.enter", *, key: str | None = None, **order: Any) -> str:
        """Begin an operation over HTTP; returns its path."""
        async with self.service.as_(who) as client:
            params = {"key": key} if key else {}
            answer = await client.post(f"/v1/tests/{kind}", json={"products": 5} | order, params=params)
        assert answer.status_code == 202, answer.text
        path: str = answer.headers["location"]
        return path

    async def get(self, who: Caller, path: str) -> dict[str, Any]:
        """An operation as its endpoint shows it."""
        async with self.service.as_(who) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ask(self, who: Caller, path: str, action: str, **headers: str) -> httpx.Response:
        """Pause, resume or cancel."""
        async with self.service.as_(who, **headers) as client:
            return await client.post(f"{path}/{action}")

    async def reaches(self, who: Caller, path: str, *statuses: str) -> dict[str, Any]:
        """Wait until the operation has one of these statuses; it must not end with another one."""

        async def reached() -> dict[str, Any] | None:
            found = await self.get(who, path)
            return found if found["status"] in statuses or found["finished_at"] else None

        found = await until(reached)
        assert found is not None
        assert found["status"] in statuses, found
        return found

    async def names(self, who: Caller) -> list[str]:
        """Names of the products that the caller's company has, in the order in which they were entered."""
        rows = await self.service.sql("SELECT name FROM products WHERE tenant_id = $1 ORDER BY id", who.tenant_id)
        return [row["name"] for row in rows]
