"""One request, one effect, and an answer that tells the truth about it."""

import asyncio
from typing import Any

import httpx

from crm_platform.testing.plugin import RunningService

KEY = {"idempotency-key": "k"}


async def counted(service: RunningService) -> int:
    ((value,),) = await service.sql("SELECT value FROM counters")
    return int(value)


async def test_a_streamed_answer_is_remembered_too(client: httpx.AsyncClient, service: RunningService) -> None:
    first = await client.post("/v1/experiments/stream", headers=KEY)
    again = await client.post("/v1/experiments/stream", headers=KEY)

    assert (first.status_code, first.text, first.headers["x-other"]) == (202, "第1次", "no")
    assert (again.status_code, again.text, again.headers["etag"]) == (202, "第1次", '"1"')
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotent-replayed"] == "true"
    assert await counted(service) == 1


async def test_without_a_key_an_answer_is_streamed_as_it_is(client: httpx.AsyncClient, service: RunningService) -> None:
    answers = [await client.post("/v1/experiments/stream") for _ in range(2)]

    assert [answer.text for answer in answers] == ["第1次", "第2次"]
    assert await service.sql("SELECT 1 FROM idempotency") == []


async def test_another_query_is_another_request(client: httpx.AsyncClient, service: RunningService) -> None:
    red = await client.post("/v1/experiments/colour", params={"colour": "red"}, headers=KEY)
    blue = await client.post("/v1/experiments/colour", params={"colour": "blue"}, headers=KEY)
    again = await client.post("/v1/experiments/colour", params={"colour": "red"}, headers=KEY)

    assert red.json() == again.json() == {"colour": "red", "value": 1}
    assert (blue.status_code, blue.json()["code"]) == (422, "idempotency_key_reused")
    assert await counted(service) == 1


async def test_a_repetition_gives_its_connection_back_clean(client: httpx.AsyncClient, service: RunningService) -> None:
    await client.post("/v1/experiments/stream", headers=KEY)

    answers = await asyncio.gather(*(client.post("/v1/experiments/stream", headers=KEY) for _ in range(20)))
    further = [await client.post("/v1/experiments/stream") for _ in range(10)]

    assert {answer.text for answer in answers} == {"第1次"}
    assert [answer.text for answer in further] == [f"第{number}次" for number in range(2, 12)]
    open_transactions: list[Any] = await service.sql(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    assert open_transactions == []


async def test_a_failed_statement_that_is_swallowed_is_no_success(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/experiments/swallow", headers=KEY)
    next_one = await client.post("/v1/experiments/stream")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert (next_one.status_code, next_one.text) == (202, "第1次")
