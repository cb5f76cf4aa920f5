from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService

MEETING = {"kind": "meeting", "subject": "需求访谈", "happened_at": "2026-03-02T09:00:00+08:00"}


@pytest.fixture
async def customer(client: httpx.AsyncClient) -> dict[str, Any]:
    made: dict[str, Any] = (await client.post("/v1/customers", json={"name": "观心科技"})).json()
    return made


async def collect(client: httpx.AsyncClient, customer: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/requirements", json={"customer_id": customer["id"], "title": "离线签到", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def act(client: httpx.AsyncClient, record: dict[str, Any], action: str, **body: Any) -> httpx.Response:
    path = f"/v1/requirements/{record['id']}/{action}"
    return await client.post(path, json=body, headers={"if-match": f'"{record["version"]}"'})


async def moved(client: httpx.AsyncClient, record: dict[str, Any], *actions: str) -> dict[str, Any]:
    for action in actions:
        answer = await act(client, record, action, **({"reason": "too dear"} if action == "reject" else {}))
        assert answer.status_code == 200, answer.text
        record = answer.json()
    return record


async def told(service: RunningService) -> list[tuple[str, int]]:
    rows = await service.sql("SELECT type, version FROM outbox WHERE topic = 'crm.requirement.v1' ORDER BY id")
    return [(row["type"], row["version"]) for row in rows]


async def test_a_requirement_is_put_on_record_with_its_source(
    client: httpx.AsyncClient, agent: Caller, customer: dict[str, Any], service: RunningService
) -> None:
    meeting = (await client.post("/v1/communications", json=MEETING | {"customer_id": customer["id"]})).json()
    body = {
        "customer_id": customer["id"],
        "communication_id": meeting["id"],
        "title": " 离线 签到 ",
        "kind": "function",
        "in_scope": ["无网络时可签到", "恢复后自动上传"],
        "out_of_scope": ["人脸识别"],
        "priority": "must",
        "due_on": "2026-06-30",
    }

    answer = await client.post("/v1/requirements", json=body)

    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": made["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
        "number": f"RQ-{made['created_at'][:4]}-000001",
        **body,
        "title": "离线 签到",
        "description": None,
        "status": "collected",
        "status_reason": None,
        "hand_overs": 0,
        "handed_over_at": None,
        "project_id": None,
        "delivery_id": None,
    }
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/requirements/{made['id']}")
    assert (await client.get(f"/v1/requirements/{made['id']}")).json() == made
    filters = {"filter": f"customer_id == '{customer['id']}' && priority == 'must'"}
    assert (await client.get("/v1/requirements", params=filters)).json()["items"] == [made]
    assert await told(service) == [("requirement.collected", 1)]


async def test_numbers_have_no_gaps_within_a_tenant(client: httpx.AsyncClient, customer: dict[str, Any]) -> None:
    first = await collect(client, customer)
    refused = await client.post("/v1/requirements", json={"customer_id": str(uuid4()), "title": "x"})
    second = await collect(client, customer)

    assert refused.status_code == 409
    assert [made["number"][-6:] for made in (first, second)] == ["000001", "000002"]


async def test_what_does_not_exist_or_is_not_seen_is_refused(
    client: httpx.AsyncClient, agent: Caller, customer: dict[str, Any], service: RunningService
) -> None:
    other = (await client.post("/v1/customers", json={"name": "别家"})).json()
    foreign = (await client.post("/v1/communications", json=MEETING | {"customer_id": other["id"]})).json()
    body = {"customer_id": customer["id"], "title": "x"}

    unknown = await client.post("/v1/requirements", json=body | {"customer_id": str(uuid4())})
    elsewhere = await client.post("/v1/requirements", json=body | {"communication_id": foreign["id"]})
    missing = await client.post("/v1/requirements", json=body | {"communication_id": str(uuid4())})
    async with service.as_(colleague(agent, "requirements:*", visibility="own")) as blind:
        unseen = await blind.post("/v1/requirements", json=body, headers={"accept-language": "zh"})

    codes = [(answer.status_code, answer.json()["code"]) for answer in (unknown, elsewhere, missing, unseen)]
    source = (409, "source_missing")
    assert codes == [(409, "unknown_customer"), source, source, (409, "unknown_customer")]
    assert unseen.json()["detail"] == f"客户 {customer['id']} 不存在，或您无权查看。"
    assert await told(service) == []


async def test_the_content_changes_until_it_is_confirmed(
    client: httpx.AsyncClient, customer: dict[str, Any], service: RunningService
) -> None:
    made = await collect(client, customer, priority="could")
    path, match = f"/v1/requirements/{made['id']}", {"if-match": '"1"'}

    changed = await client.patch(path, json={"title": "在线签到", "due_on": "2026-07-01"}, headers=match)
    stale = await client.patch(path, json={"title": "x"}, headers=match)
    confirmed = await moved(client, changed.json(), "analyse", "confirm")
    fixed = await client.patch(path, json={"title": "x"}, headers={"if-match": '"4"'})
    given = await client.patch(path, json={"owner_id": None}, headers={"if-match": '"4"'})

    assert (changed.json()["title"], changed.json()["priority"]) == ("在线签到", "could")
    assert (stale.status_code, confirmed["version"]) == (412, 4)
    assert (fixed.status_code, fixed.json()["code"]) == (409, "requirement_fixed")
    assert (given.status_code, given.json()["owner_id"]) == (200, None)
    assert await told(service) == [
        ("requirement.collected", 1),
        ("requirement.updated", 2),
        ("requirement.analysed", 3),
        ("requirement.confirmed", 4),
        ("requirement.updated", 5),
    ]


async def test_a_rejection_has_a_reason_and_can_be_taken_back(
    client: httpx.AsyncClient, customer: dict[str, Any], service: RunningService
) -> None:
    made = await moved(client, await collect(client, customer), "analyse")

    mute = await act(client, made, "reject")
    rejected = await act(client, made, "reject", reason="预算不足")
    again = await act(client, rejected.json(), "reject", reason="预算不足")
    reopened = await moved(client, rejected.json(), "reopen")

    assert (mute.status_code, mute.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (rejected.json()["status"], rejected.json()["status_reason"]) == ("rejected", "预算不足")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert (reopened["status"], reopened["status_reason"]) == ("collected", None)
    rows = await service.sql("SELECT payload FROM outbox WHERE type = 'requirement.rejected'")
    assert [orjson.loads(row["payload"])["reason"] for row in rows] == ["预算不足"]


async def test_a_confirmed_requirement_is_handed_over_once_at_a_time(
    client: httpx.AsyncClient, customer: dict[str, Any], service: RunningService
) -> None:
    made = await collect(client, customer)
    early = await act(client, made, "hand-over")
    confirmed = await moved(client, made, "analyse", "confirm")

    handed = await act(client, confirmed, "hand-over", project_id=str(project := uuid4()))
    twice = await act(client, handed.json(), "hand-over")

    assert (early.status_code, early.json()["code"]) == (409, "requirement_not_confirmed")
    assert handed.json() == confirmed | {
        "version": 4,
        "updated_at": IsDatetime(iso_string=True),
        "hand_overs": 1,
        "handed_over_at": handed.json()["updated_at"],
        "project_id": str(project),
    }
    assert (twice.status_code, twice.json()["code"]) == (409, "hand_over_under_way")
    assert (await told(service))[-1] == ("requirement.handed_over", 4)


async def test_a_customer_with_requirements_stays(client: httpx.AsyncClient, customer: dict[str, Any]) -> None:
    await collect(client, customer)

    answer = await client.delete(f"/v1/customers/{customer['id']}", headers={"if-match": '"1"'})

    assert (answer.status_code, answer.json()["code"]) == (409, "customer_in_use")
