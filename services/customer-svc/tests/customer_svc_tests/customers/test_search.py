"""Customers are found by their names, and by a whole phone number or e-mail address, by whoever may see those."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from crm_platform.context import Caller, Cause, FieldRule, system_caller
from crm_platform.ids import new_id
from crm_platform.operations.kinds import Done, NoInput, Progress, Step
from crm_platform.search.filling import filling
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.uow import UnitOfWork
from customer_svc.customers.models import CUSTOMERS
from customer_svc.slices import SERVICE

ENTERED = (
    {
        "name": "上海观心科技有限公司",
        "short_name": "观心",
        "phone": "13800138000",
        "emails": [{"address": "Hi@Guanxin.cn"}],
    },
    {"name": "王小明", "kind": "person", "phone": "021-62345678"},
    {"name": "北京小明文化传媒有限公司", "name_latin": "Beijing Xiaoming Media"},
    {"name": "\uff28\uff55\uff41\uff57\uff45\uff49 技术有限公司", "tags": ["重点客户"]},
    {"name": "Matanga Logistics Oy", "phone": "+442079460958"},
)

FINDS: dict[str, Sequence[int]] = {
    "小明": (1, 2),
    "王小明": (1,),
    "观": (0,),
    "观心科": (0,),
    "huawei 技": (3,),
    "mata": (4,),
    "log oy": (),
    "logistics o": (4,),
    "beijing xiaom": (2,),
    "重点": (3,),
    "13800138000": (0,),
    "+86 138-0013-8000": (0,),
    "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10": (0,),
    "(021) 6234 5678": (1,),
    "+44 20 7946 0958": (4,),
    "1380013": (),
    "hi@guanxin.CN": (0,),
    "guanxin.cn": (),
    "13900139000": (),
}


@pytest.fixture(scope="module")
async def service(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


@pytest.fixture
async def entered(client: httpx.AsyncClient) -> list[str]:
    """The ids of the customers above."""
    batch = await client.post("/v1/customers/batch", params={"allow_duplicates": "true"}, json={"items": ENTERED})
    assert batch.status_code == 200, batch.text
    return [item["id"] for item in batch.json()["results"]]


async def found(client: httpx.AsyncClient, q: str, **parameters: str) -> list[str]:
    answer = await client.get("/v1/customers", params={"q": q, "sort": "created_at", "fields": "id", **parameters})
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_names_and_whole_values_are_found(client: httpx.AsyncClient, entered: list[str]) -> None:
    for q, expected in FINDS.items():
        assert sorted(await found(client, q)) == sorted(entered[index] for index in expected), q
    assert await found(client, "wang") == []
    assert await found(client, "huawie", match="similar") == [entered[3]]
    assert await found(client, "13800138000", match="similar", sort="-relevance,name") == [entered[0]]
    assert (await found(client, "有限公司", sort="-relevance"))[0] in {entered[0], entered[2], entered[3]}


async def test_a_search_is_narrowed_counted_and_paged(client: httpx.AsyncClient, entered: list[str]) -> None:
    assert await found(client, "小明", filter="kind == 'person'") == [entered[1]]
    assert await found(client, "13800138000", filter="kind == 'person' || kind == 'company'") == [entered[0]]
    assert await found(client, "13800138000", filter="kind == 'person'") == []
    query = {"q": "有限公司", "limit": "1", "count": "exact", "sort": "-relevance"}
    met: list[str] = []
    cursor: str | None = None
    while True:
        page = (await client.get("/v1/customers", params=query | ({"cursor": cursor} if cursor else {}))).json()
        assert page["count"] == {"value": 3, "relation": "eq"}
        met += [item["id"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert (len(met), set(met)) == (3, {entered[0], entered[2], entered[3]})


async def test_a_change_is_searched_at_once(client: httpx.AsyncClient, entered: list[str]) -> None:
    change = {"name": "杭州远帆", "phone": "13900139000"}
    answer = await client.patch(f"/v1/customers/{entered[0]}", json=change, headers={"if-match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert (await found(client, "上海观心"), await found(client, "远帆")) == ([], [entered[0]])
    assert (await found(client, "13800138000"), await found(client, "13900139000")) == ([], [entered[0]])


async def test_nothing_is_found_that_is_not_seen(
    service: RunningService, client: httpx.AsyncClient, agent: Caller, entered: list[str]
) -> None:
    peer, stranger = colleague(agent, visibility="own", team_ids=[uuid4()]), caller()
    for who in (peer, stranger):
        async with service.as_(who) as other:
            for q in ("小明", "13800138000", "hi@guanxin.cn"):
                assert await found(other, q) == []
    released = await client.post(
        f"/v1/customers/{entered[0]}/release", json={"reason": "other"}, headers={"if-match": '"1"'}
    )
    assert released.status_code == 200, released.text
    async with service.as_(peer) as other:
        assert await found(other, "观心") == [entered[0]]
        assert await found(other, "13800138000") == []
    assert await found(client, "13800138000") == [entered[0]]


async def test_rules_of_members_hold_for_searches(service: RunningService, agent: Caller, entered: list[str]) -> None:
    for member, refused in (("name", "小明"), ("phones", "13800138000"), ("tags", "小明")):
        limited = replace(agent, fields=(FieldRule("customers", member, "masked"),))
        async with service.as_(limited) as other:
            answer = await other.get("/v1/customers", params={"q": refused})
            assert (answer.status_code, answer.json()["code"]) == (403, "member_not_seen"), member
    limited = replace(agent, fields=(FieldRule("customers", "phones", "hidden"),))
    async with service.as_(limited) as other:
        assert await found(other, "王小明") == [entered[1]]
        assert await found(other, "hi@guanxin.cn") == [entered[0]]


async def test_contacts_are_found_by_whole_values_too(client: httpx.AsyncClient) -> None:
    body = {"name": "韩梅梅", "phones": [{"number": "13700137000"}], "emails": [{"address": "han@example.com"}]}
    made = await client.post("/v1/contacts", json=body)
    assert made.status_code == 201, made.text
    for q, expected in (("梅梅", 1), ("137 0013 7000", 1), ("HAN@example.com", 1), ("13700137001", 0)):
        page = (await client.get("/v1/contacts", params={"q": q})).json()
        assert len(page["items"]) == expected, q


async def test_customers_of_before_are_made_searchable(
    service: RunningService, client: httpx.AsyncClient, agent: Caller, entered: list[str]
) -> None:
    await service.sql("UPDATE customers SET search = NULL WHERE tenant_id = $1", agent.tenant_id)
    assert await found(client, "小明") == []
    progress = Progress()
    async with service.app.state.runtime.database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, system_caller(agent.tenant_id, "customer-svc"), Cause(actor="system:test"))
        step = Step(unit=unit, id=new_id(), input=NoInput(), cursor=None, prepared=None, progress=progress)
        assert isinstance(await filling(CUSTOMERS).kind.step(step), Done)

    assert (progress.counters, unit.wrote) == ({"filled": len(entered)}, False)
    assert await found(client, "小明") == [entered[1], entered[2]]
    assert (await client.get(f"/v1/customers/{entered[1]}")).headers["etag"] == '"1"'
