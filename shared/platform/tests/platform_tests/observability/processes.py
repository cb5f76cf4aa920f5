"""Processes of a service, started as in production, with their log lines."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from crm_platform.settings import ServiceSettings
from crm_platform.testing.sealing import sealing_variables
from crm_platform.testing.waiting import until
from crm_runtime.ports import free_ports

TESTS = Path(__file__).parents[2]
START_SECONDS = 100.0


def environment_of(settings: ServiceSettings, **more: str) -> dict[str, str]:
    """The environment variables that make a process read ``settings``."""
    found: dict[str, str] = {}
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        if isinstance(value, dict):
            found |= {f"CRM_{name}__{inner}".upper(): _spelled(one) for inner, one in value.items()}
        else:
            found[f"CRM_{name}".upper()] = _spelled(value)
    return {**found, **sealing_variables(settings.sealing), **more}


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


@dataclass
class Running:
    """A process that answers over HTTP."""

    url: str
    log: Path
    process: asyncio.subprocess.Process
    client: httpx.AsyncClient = field(repr=False)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Its log lines as far as they are written; each has to be a JSON object."""
        for line in self.log.read_bytes().split(b"\n")[:-1]:
            content = orjson.loads(line)
            assert isinstance(content, dict), line
            yield content

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; returns the exit status."""
        self.process.send_signal(number)
        return await self.process.wait()


@asynccontextmanager
async def running(
    module: str, factory: str, settings: ServiceSettings, log: Path, *, ready: str = "/health/live", **more: str
) -> AsyncIterator[Running]:
    """Start ``python -m module factory`` and wait until it answers; it is killed at the end, should it still run."""
    (port,) = free_ports(1)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRM_")},
        "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]),
        **environment_of(settings, CRM_HTTP__PORT=str(port), **more),
    }
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            factory,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:

        async def answers() -> bool:
            assert process.returncode is None, log.read_text(encoding="utf-8", errors="replace")[-3000:]
            try:
                return (await client.get(ready)).status_code == 200
            except httpx.TransportError:
                return False

        try:
            await until(answers, seconds=START_SECONDS)
            yield Running(url, log, process, client)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
