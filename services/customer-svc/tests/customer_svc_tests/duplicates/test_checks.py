"""Duplicates are found when customers are entered and changed, and refused unless the request says otherwise."""

from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService

HUAWEI = {"name": "华为技术有限公司", "phone": "+86 755 2878 0808", "registration_id": "91440300708461136T"}
ANYWAY = {"allow_duplicates": "true"}


async def _enter(client: httpx.AsyncClient, **members: Any) -> Any:
    answer = await client.post("/v1/customers", json=members, params=ANYWAY)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _stored(service: RunningService) -> tuple[int, int]:
    ((customers, events),) = await service.sql("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM outbox)")
    return customers, events


async def test_whoever_is_there_is_told_with_the_reasons_and_nothing_is_written(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    known = await _enter(client, **HUAWEI)
    await _enter(client, name="中兴通讯股份有限公司", phone="+86 755 2677 0000")
    # Full-width letters, a slip, and the number written otherwise.
    again = {"name": "华为技術有限公司", "phone": "0755-28780808"}

    refused = await client.post("/v1/customers", json=again, headers={"accept-language": "zh"})

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "possible_duplicates")
    assert problem["detail"] == "有 1 个客户可能与之重复；请使用其中之一，或带上 `allow_duplicates=true` 继续。"
    (candidate,) = problem["candidates"]
    assert (candidate["id"], candidate["name"], candidate["version"]) == (known["id"], HUAWEI["name"], 1)
    assert candidate["verdict"] == "likely"
    assert 99 < candidate["score"] <= 100
    assert ("phone", "same", "电话相同") in [(one["field"], one["level"], one["text"]) for one in candidate["reasons"]]
    assert await _stored(service) == (2, 2)


async def test_a_request_that_says_so_goes_on(client: httpx.AsyncClient, service: RunningService) -> None:
    await _enter(client, **HUAWEI)
    assert (await client.post("/v1/customers", json=HUAWEI)).status_code == 409
    assert (await client.post("/v1/customers", json=HUAWEI, params=ANYWAY)).status_code == 201
    assert await _stored(service) == (2, 2)


async def test_asking_writes_nothing(client: httpx.AsyncClient, service: RunningService) -> None:
    known = await _enter(client, **HUAWEI)

    told = await client.post("/v1/customers/duplicates/check", json={"name": HUAWEI["name"]})
    nobody = await client.post("/v1/customers/duplicates/check", json={"name": "Matanga Logistics"})

    (candidate,) = told.json()["candidates"]
    assert (told.status_code, candidate["id"], candidate["verdict"]) == (200, known["id"], "possible")
    assert nobody.json() == {"candidates": []}
    assert await _stored(service) == (1, 1)


async def test_a_change_that_makes_two_alike_is_refused_and_any_other_is_not(client: httpx.AsyncClient) -> None:
    await _enter(client, **HUAWEI)
    other = await _enter(client, name="华为技术有限公司")
    path, first = f"/v1/customers/{other['id']}", {"if-match": '"1"'}

    refused = await client.patch(path, json={"phone": HUAWEI["phone"]}, headers=first)
    unlike = await client.patch(path, json={"grade": "A"}, headers=first)
    gone_on = await client.patch(path, json={"phone": HUAWEI["phone"]}, headers={"if-match": '"2"'}, params=ANYWAY)

    assert (refused.status_code, refused.json()["code"]) == (409, "possible_duplicates")
    assert (unlike.status_code, gone_on.status_code, gone_on.json()["version"]) == (200, 200, 3)


async def test_each_item_of_a_batch_is_judged_by_itself_and_beside_those_before_it(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    known = await _enter(client, **HUAWEI)
    items = [
        {"name": "华为技术有限公司", "phone": "075528780808"},
        {"name": "Matanga Logistics Ltd", "phone": "+44 20 7946 0958"},
        {"name": "Matanga Logistics Limited", "phone": "+442079460958"},
        {"name": "Northwind Traders Ltd"},
    ]

    answer = (await client.post("/v1/customers/batch", json={"items": items})).json()

    assert [one["status"] for one in answer["results"]] == ["failed", "created", "failed", "created"]
    told = [answer["results"][index]["problem"]["candidates"][0]["id"] for index in (0, 2)]
    assert told == [known["id"], answer["results"][1]["id"]]
    assert await _stored(service) == (3, 3)

    gone_on = (await client.post("/v1/customers/batch", json={"items": items}, params=ANYWAY)).json()
    assert gone_on["created"] == 4


async def test_thresholds_are_the_companys_own(client: httpx.AsyncClient) -> None:
    await _enter(client, name="华为技术有限公司")
    alike = {"name": "华为技术有限公司"}
    assert (await client.post("/v1/customers/duplicates/check", json=alike)).json()["candidates"][0]["score"] < 95

    made = await client.post("/v1/duplicate-rules", json={"kind": "company", "refuse_from": "possible"})
    refused = await client.post("/v1/customers", json=alike)
    path = made.headers["location"]
    await client.patch(path, json={"refuse_from": "likely", "likely": 99}, headers={"if-match": '"1"'})
    let_in = await client.post("/v1/customers", json=alike)

    assert (refused.status_code, let_in.status_code) == (409, 201)


async def test_nobody_is_told_of_customers_of_others(service: RunningService, agent: Caller) -> None:
    theirs = caller(tenant_id=agent.tenant_id, visibility="own")
    mine = caller(tenant_id=agent.tenant_id, visibility="own")
    async with service.as_(theirs) as other, service.as_(mine) as client:
        await _enter(other, **HUAWEI)
        assert (await client.post("/v1/customers", json=HUAWEI)).status_code == 201


@pytest.mark.parametrize(("members", "told"), [({"phone": HUAWEI["phone"]}, 0), ({"name": HUAWEI["name"]}, 1)])
async def test_how_to_reach_those_in_the_pool_cannot_be_guessed(
    service: RunningService, client: httpx.AsyncClient, agent: Caller, members: dict[str, str], told: int
) -> None:
    await _enter(client, **HUAWEI, owner_id=None, team_id=None)
    mine = caller(tenant_id=agent.tenant_id, visibility="own")
    async with service.as_(mine) as own:
        asked = {"name": "Quite Another Ltd", **members}
        answer = await own.post("/v1/customers/duplicates/check", json=asked)

    candidates = answer.json()["candidates"]
    assert len(candidates) == told
    assert not {reason["field"] for one in candidates for reason in one["reasons"]} & {"phone", "identifier"}


async def test_customers_of_other_companies_do_not_count(service: RunningService, client: httpx.AsyncClient) -> None:
    async with service.as_(caller(tenant_id=new_id())) as elsewhere:
        await _enter(elsewhere, **HUAWEI)
    assert (await client.post("/v1/customers", json=HUAWEI)).status_code == 201
