"""The public API as the proofs use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from prometheus_client.parser import text_string_to_metric_families

from tests.real_system import RealSystem


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)

    @property
    def version(self) -> int:
        return int(self.headers["etag"].strip('"'))


@asynccontextmanager
async def connected(system: RealSystem) -> AsyncIterator[aiohttp.ClientSession]:
    """A client with the demonstration's API key and as many connections as it needs; it repeats nothing by itself."""
    async with aiohttp.ClientSession(
        base_url=f"{system.gateway_url}/api/v1/",
        headers={"authorization": f"Bearer {system.secrets['demo_api_key']}"},
        timeout=aiohttp.ClientTimeout(total=120),
        connector=aiohttp.TCPConnector(limit=0),
    ) as session:
        session._retry_connection = False  # noqa: SLF001  (a request that was lost has to be seen)
        yield session


async def ask(
    session: aiohttp.ClientSession, method: str, path: str, body: object = None, *, version: int = 0, **headers: str
) -> Answer:
    """One request, without any repetition."""
    if version:
        headers["if-match"] = f'"{version}"'
    data = None
    if body is not None:
        data, headers["content-type"] = orjson.dumps(body), "application/json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with session.request(method, path, data=data, headers=named) as response:
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, names, await response.read())


async def upstream_figures(system: RealSystem, service: str) -> dict[str, float]:
    """What the gateway counts about its calls to one service."""
    async with aiohttp.ClientSession() as session, session.get(f"{system.gateway_url}/metrics") as response:
        text = await response.text()
    return {
        sample.name.removeprefix("crm_gateway_").removeprefix("upstream_").removesuffix("_total"): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("service") == service
    }
