"""A worker at operations in a process of its own, to be killed or frozen."""

import asyncio
from typing import Any

from crm_platform.db import Database
from crm_platform.operations.runner import Runner
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.processes import serve
from platform_tests.operations.slice import KINDS
from platform_tests.operations.support import SHORT_LEASE


async def run(options: dict[str, Any]) -> None:
    """Work at the operations of the database that `options` names, for ever."""
    database = Database(DatabaseSettings(url=options["dsn"]), name="victim")
    await database.open()
    runner = Runner(
        service="sales-svc", database=database, dsn=options["dsn"], kinds=tuple(KINDS.values()), settings=SHORT_LEASE
    )
    await runner.run(asyncio.Event())


if __name__ == "__main__":
    serve(run)
