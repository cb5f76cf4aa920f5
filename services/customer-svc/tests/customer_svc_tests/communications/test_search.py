"""Communications are found by their words, by whoever may see them, and by nobody else."""

from collections.abc import Sequence
from dataclasses import replace

import asyncpg
import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.communications import support

SUBJECTS = (
    "与王小明讨论报价",
    "小明公司启动会",
    "Kick-off with Huawei Technologies",
    "\uff28\uff35\uff21\uff37\uff25\uff29\u3000技术支持",
    "明天小雨",
)


async def record(client: httpx.AsyncClient, subject: str, **more: object) -> str:
    """Put a call on record with a customer of its own; returns its id."""
    return str((await support.record(client, subject=subject, **more))["id"])


async def found(client: httpx.AsyncClient, q: str, **parameters: str) -> list[str]:
    """Subjects of what is found, all pages."""
    answer = await client.get(
        "/v1/communications", params={"q": q, "sort": "created_at", "fields": "subject", **parameters}
    )
    assert answer.status_code == 200, answer.text
    return [item["subject"] for item in answer.json()["items"]]


FINDS: dict[str, Sequence[int]] = {
    "小明": (0, 1),
    "王小明": (0,),
    "明": (0, 1, 4),
    "小明报价": (),
    "小明 报价": (0,),
    "huawei": (2, 3),
    "HUA": (2, 3),
    "huawei 技术": (3,),
    "awei": (),
    "off kick": (2,),
    "电话": (),
}


async def test_words_are_found_in_chinese_and_english(client: httpx.AsyncClient) -> None:
    for subject in SUBJECTS:
        await record(client, subject)
    for q, expected in FINDS.items():
        assert await found(client, q) == [SUBJECTS[index] for index in expected], q


async def test_similar_words_are_found_where_asked_for(client: httpx.AsyncClient) -> None:
    for subject in SUBJECTS:
        await record(client, subject)
    for q, subjects in {"王晓明": SUBJECTS[:1], "huawie": SUBJECTS[2:4], "kik huawei": SUBJECTS[2:3]}.items():
        assert await found(client, q) == []
        assert await found(client, q, match="similar") == list(subjects)


async def test_content_outcome_and_people_are_searched_and_the_subject_counts_most(client: httpx.AsyncClient) -> None:
    await record(client, "一", content="客户要求延期付款")
    await record(client, "二", outcome="同意延期")
    await record(client, "延期")
    await record(client, "三", participants=["延期 先生"])
    await record(client, "四", content="准时")
    assert set(await found(client, "延期")) == {"一", "二", "三", "延期"}
    assert (await found(client, "延期", sort="-relevance"))[-2:] == ["二", "一"]


async def test_a_change_is_searched_at_once(client: httpx.AsyncClient) -> None:
    id = await record(client, "旧题目")
    body = {"subject": "新题目"}
    answer = await client.patch(f"/v1/communications/{id}", json=body, headers={"if-match": '"1"'})
    assert answer.status_code == 200
    assert (await found(client, "旧题"), await found(client, "新题")) == ([], ["新题目"])


async def test_pages_of_a_search_visit_every_record_once(client: httpx.AsyncClient) -> None:
    expected = [await record(client, f"报价 {number}") for number in range(5)]
    await record(client, "别的")
    for sort in ("created_at", "-relevance", "happened_at,-created_at"):
        met: list[str] = []
        cursor: str | None = None
        while True:
            parameters = {"q": "报价", "sort": sort, "limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await client.get("/v1/communications", params=parameters)).json()
            met += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(met) == sorted(expected), sort
        assert len(met) == len(expected)


async def test_a_search_is_narrowed_by_a_filter_and_counted(client: httpx.AsyncClient) -> None:
    await record(client, "报价 一", duration_minutes=5)
    await record(client, "报价 二", duration_minutes=50)
    await record(client, "别的", duration_minutes=50)
    parameters = {"q": "报价", "filter": "duration_minutes > 10", "count": "exact"}
    page = (await client.get("/v1/communications", params=parameters)).json()
    assert [item["subject"] for item in page["items"]] == ["报价 二"]
    assert page["count"] == {"value": 1, "relation": "eq"}
    page = (await client.get("/v1/communications", params={"q": "报价", "count": "estimate"})).json()
    assert page["count"] == {"value": 2, "relation": "eq"}


async def test_nothing_of_another_tenant_and_nothing_invisible_is_found(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    await record(client, "机密报价")
    peer = replace(caller(), tenant_id=agent.tenant_id, visibility="own")
    stranger = caller()
    boss = replace(caller(), tenant_id=agent.tenant_id, visibility="all")
    for who, expected in ((peer, []), (stranger, []), (boss, ["机密报价"])):
        async with service.as_(who) as other:
            for parameters in ({}, {"filter": "kind == 'call'"}, {"sort": "-relevance"}):
                assert await found(other, "机密", **parameters) == expected, parameters
                answer = await other.get("/v1/communications", params={"q": "机密", "count": "exact", **parameters})
                assert answer.json()["count"]["value"] == len(expected)


async def test_a_cursor_belongs_to_its_search(client: httpx.AsyncClient) -> None:
    for number in range(2):
        await record(client, f"报价 {number}")
    page = (await client.get("/v1/communications", params={"q": "报价", "limit": "1"})).json()
    for other in ({"q": "别的"}, {"q": "报价", "match": "similar"}, {}):
        answer = await client.get("/v1/communications", params={"cursor": page["next_cursor"], **other})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"q": "…"}, "q"),
        ({"q": ""}, "q"),
        ({"q": "报价", "match": "fuzzy"}, "match"),
        ({"sort": "-relevance"}, "sort"),
    ],
)
async def test_what_cannot_be_searched_is_refused(
    client: httpx.AsyncClient, parameters: dict[str, str], named: str
) -> None:
    answer = await client.get("/v1/communications", params=parameters)
    assert answer.status_code == 400
    assert f"`{named}`" in answer.json()["detail"]


async def test_the_index_is_used_for_the_service_itself(service: RunningService) -> None:
    """Under the policy alone PostgreSQL would look at every row of the tenant: that is the control."""
    tenants = [caller() for _ in range(3)]
    for tenant in tenants:
        async with service.as_(tenant) as client:
            await client.post("/v1/customers", json={"name": "c"})
    await service.sql(
        "INSERT INTO communications (tenant_id, id, version, created_at, created_by, updated_at, updated_by,"
        " customer_id, kind, subject, happened_at, participants, external_refs, search)"
        " SELECT c.tenant_id, uuidv7(), 1, now(), 'x', now(), 'x', c.id, 'call', 's', now() - n * interval '1 min',"
        " '{}', '[]', (quote_literal('w' || n) || ':1A')::tsvector FROM customers c, generate_series(1, 3000) n"
    )
    await service.sql("ANALYZE communications")
    connection = await asyncpg.connect(service.settings.db.url)
    try:
        await connection.execute(f"SET crm.tenant_id = '{tenants[0].tenant_id}'")
        searched = await _looked_up(connection, "SELECT id FROM communications_searched WHERE search @@ 'w7'::tsquery")
        control = await _looked_up(connection, "SELECT id FROM communications WHERE search @@ 'w7'::tsquery")
        ids = await connection.fetch("SELECT id FROM communications_searched WHERE search @@ 'w7'::tsquery")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SET ROLE customer_svc_search; SELECT subject FROM communications")
    finally:
        await connection.close()
    assert "@@" in searched
    assert "@@" not in control
    assert len(ids) == 1


async def _looked_up(connection: asyncpg.Connection, statement: str) -> str:
    """What PostgreSQL looks up in an index to carry out ``statement``."""
    plan = await connection.fetch(f"EXPLAIN {statement}")
    return "\n".join(row[0] for row in plan if "Index Cond" in row[0])
