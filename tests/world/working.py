"""Working at operations, as a service's worker would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from crm_platform.db import Database
from crm_platform.objects.store import Objects
from crm_platform.operations.runner import Runner
from crm_platform.sealing.vault import vault_for
from crm_platform.testing.waiting import until


@asynccontextmanager
async def working(world: Any) -> AsyncIterator[None]:
    """Meanwhile operations are worked at, and nothing else is done that a worker does."""
    service, settings = world.running.service, world.running.settings
    database = Database(settings.db, name="world-runner", vault=vault_for(settings.sealing, needed=service.seals))
    await database.open()
    objects = Objects(settings.objects)
    runner = Runner(
        service=service.name, database=database, dsn=settings.db.url, kinds=service.operations, objects=objects
    )
    stop = asyncio.Event()
    task = asyncio.create_task(runner.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)
        await database.close()


async def worked_at(world: Any, operation: str, expect: str = "succeeded") -> None:
    """Let an operation come to its end.

    Raises:
        AssertionError: It is another end than ``expect``.
    """

    async def status() -> str | None:
        query = "SELECT status FROM operations WHERE id = $1 AND finished_at IS NOT NULL"
        found: str | None = await world.connection.fetchval(query, UUID(operation))
        return found

    async with working(world):
        assert await until(status) == expect
