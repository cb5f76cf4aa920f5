import asyncio
import uuid

import httpx

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService


async def test_a_repeated_post_gets_the_first_answer_and_has_one_effect(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    key = {"idempotency-key": str(uuid.uuid4())}

    first = await client.post("/v1/customers", json={"name": "Acme"}, headers=key)
    second = await client.post("/v1/customers", json={"name": "Acme"}, headers=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["etag"] == first.headers["etag"]
    assert (first.headers.get("idempotent-replayed"), second.headers["idempotent-replayed"]) == (None, "true")
    assert len(await service.sql("SELECT 1 FROM customers")) == 1
    assert len(await service.sql("SELECT 1 FROM outbox")) == 1
    assert len(await service.sql("SELECT 1 FROM audit_entries")) == 1


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient, service: RunningService) -> None:
    key = {"idempotency-key": "order-7"}
    await client.post("/v1/customers", json={"name": "Acme"}, headers=key)

    other = await client.post("/v1/customers", json={"name": "Other"}, headers=key)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert [row["name"] for row in await service.sql("SELECT name FROM customers")] == ["Acme"]


async def test_simultaneous_repetitions_have_one_effect(client: httpx.AsyncClient, service: RunningService) -> None:
    key = {"idempotency-key": "burst"}

    answers = await asyncio.gather(
        *(client.post("/v1/customers", json={"name": "Acme"}, headers=key) for _ in range(12))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await service.sql("SELECT 1 FROM customers")) == 1


async def test_only_successes_are_remembered(client: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "retry"}
    body = {"name": "Child", "parent_id": str(uuid.uuid4())}
    refused = await client.post("/v1/customers", json=body, headers=key)
    parent = (await client.post("/v1/customers", json={"name": "Parent"})).json()

    accepted = await client.post("/v1/customers", json=body | {"parent_id": parent["id"]}, headers=key)

    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_parent")
    assert accepted.status_code == 201


async def test_keys_belong_to_their_caller(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    key = {"idempotency-key": "mine"}
    await client.post("/v1/customers", json={"name": "Acme"}, headers=key)
    async with service.as_(colleague(agent)) as other:
        answer = await other.post("/v1/customers", json={"name": "Acme"}, headers=key)

    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers
    assert len(await service.sql("SELECT 1 FROM customers")) == 2


async def test_a_key_that_cannot_be_one_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/customers", json={"name": "Acme"}, headers={"idempotency-key": "x" * 256})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert "Idempotency-Key" in answer.json()["detail"]


async def test_a_batch_is_idempotent_as_a_whole(client: httpx.AsyncClient, service: RunningService) -> None:
    key = {"idempotency-key": "batch-1"}
    body = {"items": [{"name": "One"}, {"name": "Two"}]}

    first = await client.post("/v1/customers/batch", json=body, headers=key)
    second = await client.post("/v1/customers/batch", json=body, headers=key)

    assert second.json() == first.json()
    assert len(await service.sql("SELECT 1 FROM customers")) == 2
