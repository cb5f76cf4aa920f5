"""A worker at operations alone, to be killed by a test."""

import asyncio
from typing import Any

from crm_platform.db import Database
from crm_platform.objects.store import Objects
from crm_platform.operations.runner import Runner
from crm_platform.operations.settings import RunnerSettings
from crm_platform.sealing.vault import vault_for
from crm_platform.settings import DatabaseSettings, ObjectSettings
from crm_platform.testing.processes import serve
from crm_platform.testing.sealing import SEALING
from customer_svc.slices import SERVICE

SHORT_LEASE = RunnerSettings(lease=2.0, poll=0.2, parallel=1)
"""So that others soon take over from who was killed."""


async def work(dsn: str, objects: str, stop: asyncio.Event) -> None:
    """Work at the operations of the service in a database, until ``stop`` is set."""
    database = Database(DatabaseSettings(url=dsn), name="operations", vault=vault_for(SEALING, needed=True))
    await database.open()
    try:
        runner = Runner(
            service=SERVICE.name,
            database=database,
            dsn=dsn,
            kinds=SERVICE.operations,
            objects=Objects(ObjectSettings(url=objects)),
            settings=SHORT_LEASE,
        )
        await runner.run(stop)
    finally:
        await database.close()


async def run(options: dict[str, Any]) -> None:
    """Work for ever."""
    await work(options["dsn"], options["objects"], asyncio.Event())


if __name__ == "__main__":
    serve(run)
