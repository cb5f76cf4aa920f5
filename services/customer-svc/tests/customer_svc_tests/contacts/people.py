from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import pytest

from crm_platform.testing.plugin import RunningService

Record = dict[str, Any]
Make = Callable[..., Awaitable[Record]]
Told = Callable[[], Awaitable[list[tuple[str, str, int]]]]


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> Record:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: Record = answer.json()
    return made


@pytest.fixture
def customer(client: httpx.AsyncClient) -> Make:
    async def make(name: str = "观心科技", **fields: Any) -> Record:
        return await post(client, "/v1/customers", name=name, **fields)

    return make


@pytest.fixture
def contact(client: httpx.AsyncClient) -> Make:
    async def make(name: str = "王芳", **fields: Any) -> Record:
        return await post(client, "/v1/contacts", name=name, **fields)

    return make


@pytest.fixture
def told(service: RunningService) -> Told:
    """What the events say about contacts, in order: type, name and version."""

    async def read() -> list[tuple[str, str, int]]:
        rows = await service.sql("SELECT type, payload FROM outbox WHERE topic = 'crm.contact.v1' ORDER BY id")
        states = [(row["type"], orjson.loads(row["payload"])["state"]) for row in rows]
        return [(type_, state["name"], state["version"]) for type_, state in states]

    return read


async def act(client: httpx.AsyncClient, record: Record, action: str, **body: Any) -> httpx.Response:
    path = f"/v1/contacts/{record['id']}/{action}"
    return await client.post(path, json=body, headers={"if-match": f'"{record["version"]}"'})


async def read(client: httpx.AsyncClient, record: Record) -> Record:
    found: Record = (await client.get(f"/v1/contacts/{record['id']}")).json()
    return found


def primary(record: Record) -> list[bool]:
    return [link["primary"] for link in record["links"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
