"""A service with its API in this process and its worker in a process of its own, as in production."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from crm_platform.settings import ServiceSettings
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from platform_tests.observability.processes import Running, running

TOKEN = "token of the operators"
OPERATOR = {"authorization": f"Bearer {TOKEN}"}


def worker_settings(service: RunningService, **groups: Any) -> ServiceSettings:
    """The settings of the service, with an operator's token."""
    return service.settings.model_copy(update={"operator_token": SecretStr(TOKEN), **groups})


@asynccontextmanager
async def worker_process(
    service: RunningService, folder: Path, *, ready: str = "/health/ready", **groups: Any
) -> AsyncIterator[Running]:
    """Run the service's worker."""
    factory = f"{service.service.package}.worker:create_worker"
    log = folder / f"{service.service.package}.worker.log"
    async with running(
        "crm_platform.work",
        factory,
        worker_settings(service, **groups),
        log,
        ready=ready,
        CRM_OPERATOR_TOKEN=TOKEN,
    ) as process:
        yield process


async def operator(process: Running, method: str, path: str, **options: Any) -> httpx.Response:
    """Ask the worker as an operator."""
    return await process.client.request(method, f"/operator/{path}", headers=OPERATOR, **options)


async def letters(process: Running, **params: Any) -> list[dict[str, Any]]:
    """Dead letters, as the operator's list shows them."""
    answer = await operator(process, "GET", "dead-letters", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def pending(process: Running, count: int, *, after: int) -> list[dict[str, Any]]:
    """Wait until so many dead letters wait beyond that id."""

    async def enough() -> list[dict[str, Any]]:
        found = await letters(process, after=after)
        return found if len(found) == count else []

    return await until(enough)


async def settled(process: Running, number: int, status: str) -> dict[str, Any]:
    """Wait until a dead letter has a status."""

    async def found() -> dict[str, Any] | None:
        letter: dict[str, Any] = (await operator(process, "GET", f"dead-letters/{number}")).json()
        return letter if letter["status"] == status else None

    letter = await until(found)
    assert letter is not None
    return letter


async def published(service: RunningService) -> list[Any]:
    """Wait until everything recorded is published; the outbox in its order."""

    async def done() -> list[Any]:
        rows = await service.sql("SELECT * FROM outbox ORDER BY id")
        return rows if rows and all(row["published_at"] for row in rows) else []

    return await until(done)
