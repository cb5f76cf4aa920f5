from collections.abc import AsyncIterator

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import StartService
from customer_svc.slices import SERVICE


async def test_an_allowance_is_told_and_kept(start_service: StartService, agent: Caller) -> None:
    service = await start_service(SERVICE, requests_per_minute=3)
    async with service.as_(agent) as client:
        answers = [await client.get("/v1/customers") for _ in range(4)]
    async with service.as_(colleague(agent)) as other:
        unaffected = await other.get("/v1/customers")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"default";r=2;t=')
    assert answers[3].json()["code"] == "too_many_requests"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert unaffected.status_code == 200


async def test_a_body_may_not_be_bigger_than_the_limit(start_service: StartService, agent: Caller) -> None:
    service = await start_service(SERVICE, body_bytes=1000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 400

    async with service.as_(agent) as client:
        announced = await client.post("/v1/customers", json={"name": "x" * 2000})
        streamed = await client.post("/v1/customers", content=pieces(), headers={"content-type": "application/json"})

    assert (announced.status_code, announced.json()["code"]) == (413, "payload_too_large")
    assert (streamed.status_code, streamed.json()["code"]) == (413, "payload_too_large")


async def test_a_request_ends_at_its_deadline_and_leaves_nothing_behind(
    start_service: StartService, agent: Caller
) -> None:
    service = await start_service(SERVICE)
    async with service.as_(agent) as client:
        customer = (await client.post("/v1/customers", json={"name": "Acme"})).json()
        path = f"/v1/customers/{customer['id']}"
        headers = {"if-match": '"1"', "crm-deadline-ms": "150"}
        async with service.locked("customers", customer["id"]):
            late = await client.patch(path, json={"grade": "A"}, headers=headers)
        shown = (await client.get(path)).json()
        nonsense = await client.get(path, headers={"crm-deadline-ms": "soon"})

    assert (late.status_code, late.json()["code"]) == (504, "deadline_exceeded")
    assert shown == customer
    assert (nonsense.status_code, nonsense.json()["code"]) == (400, "invalid_parameter")
