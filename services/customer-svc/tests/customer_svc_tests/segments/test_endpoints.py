import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from customer_svc.segments.domain import MAX_SEGMENTS
from customer_svc_tests.segments.support import names, patched, posted


async def told(service: RunningService) -> list[tuple[str, int]]:
    rows = await service.sql("SELECT type, version FROM outbox WHERE topic = 'crm.segment.v1' ORDER BY id")
    return [(row["type"], row["version"]) for row in rows]


async def test_a_segment_is_defined_changed_and_removed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    made = await posted(client, "segments", name="上海大客户", expression="  grade == 'A' && '上海' in tags ")
    renamed = await patched(client, "segments", made, name="华东大客户", description="每季度拜访")
    redefined = await patched(client, "segments", renamed, expression="grade == 'A'")
    gone = await client.delete(f"/v1/segments/{made['id']}", headers={"if-match": '"3"'})

    assert made == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": made["created_at"],
        "updated_by": agent.actor,
        "name": "上海大客户",
        "description": None,
        "expression": "grade == 'A' && '上海' in tags",
        "definition": 1,
        "status": "evaluating",
        "evaluated_at": None,
    }
    assert (renamed["definition"], redefined["definition"], redefined["status"]) == (1, 2, "evaluating")
    assert (gone.status_code, (await client.get(f"/v1/segments/{made['id']}")).status_code) == (204, 404)
    assert await told(service) == [
        ("segment.created", 1),
        ("segment.updated", 2),
        ("segment.updated", 3),
        ("segment.deleted", 4),
    ]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("grade == 'E'", "unknown_value"),
        ("facts.open_ticket > 0", "unknown_field"),
        ("phone == '+8613800138000'", "unknown_field"),
        ("name", "not_boolean"),
        ("grade ==", "unexpected_end"),
        ("facts.orders > 'x'", "operator_types"),
        ("a" * 8193, "string_too_long"),
    ],
)
async def test_an_expression_that_is_none_is_refused_at_its_place(
    client: httpx.AsyncClient, service: RunningService, expression: str, code: str
) -> None:
    kept = await posted(client, "segments", name="甲", expression="true")
    body = {"name": "乙", "expression": expression}

    answers = [
        await client.post("/v1/segments", json=body, headers={"accept-language": "zh"}),
        await client.patch(f"/v1/segments/{kept['id']}", json=body, headers={"if-match": '"1"'}),
    ]

    for answer in answers:
        assert answer.status_code == 422, answer.text
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/expression", code)]
    assert await told(service) == [("segment.created", 1)]


async def test_names_are_unique_in_a_company(client: httpx.AsyncClient, service: RunningService) -> None:
    first = await posted(client, "segments", name="甲", expression="true")
    second = await posted(client, "segments", name="乙", expression="true")

    again = await client.post("/v1/segments", json={"name": "甲", "expression": "false"})
    renamed = await client.patch(f"/v1/segments/{second['id']}", json={"name": "甲"}, headers={"if-match": '"1"'})
    async with service.as_(caller()) as stranger:
        elsewhere = await stranger.post("/v1/segments", json={"name": "甲", "expression": "true"})
        unseen = await stranger.get(f"/v1/segments/{first['id']}")

    assert [(one.status_code, one.json()["code"]) for one in (again, renamed)] == [(409, "already_exists")] * 2
    assert (elsewhere.status_code, unseen.status_code) == (201, 404)


async def test_there_are_not_more_segments_than_can_be_kept_up_to_date(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await service.sql(
        "INSERT INTO segments (tenant_id, id, version, created_at, created_by, updated_at, updated_by, name,"
        " expression, definition, status) SELECT $1, gen_random_uuid(), 1, now(), 'x', now(), 'x', number::text,"
        " 'true', 1, 'current' FROM generate_series(1, $2) AS number",
        agent.tenant_id,
        MAX_SEGMENTS,
    )

    answer = await client.post("/v1/segments", json={"name": "乙", "expression": "true"})
    async with service.as_(caller()) as stranger:
        elsewhere = await stranger.post("/v1/segments", json={"name": "乙", "expression": "true"})

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_segments")
    assert elsewhere.status_code == 201
    assert await told(service) == [("segment.created", 1)]


async def test_an_expression_is_tried_before_it_is_saved(client: httpx.AsyncClient, service: RunningService) -> None:
    for number in range(5):
        await posted(client, "customers", name=f"客户{number}", grade="A" if number % 2 else "B")
    params = {"filter": "grade == 'B' && facts.open_tickets == 0 && facts.last_order_at == null"}

    answer = await client.get("/v1/segments/preview", params=params | {"count": "exact", "limit": "2", "sort": "name"})
    refused = await client.get("/v1/segments/preview", params={"filter": "facts.nothing == 0"})

    assert answer.status_code == 200, answer.text
    assert answer.json()["count"] == {"value": 3, "relation": "eq"}
    assert [item["name"] for item in answer.json()["items"]] == ["客户0", "客户2"]
    assert await names(client, "segments/preview", **params) == ["客户0", "客户2", "客户4"]
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert await told(service) == []
