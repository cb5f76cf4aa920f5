"""The same for many customers, as an operation that tells what became of each."""

from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until

Told = dict[str, Any]


async def _enter(client: httpx.AsyncClient, name: str, **members: Any) -> Told:
    answer = await client.post("/v1/customers", json={"name": name, **members})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _done(client: httpx.AsyncClient, change: Told, **chosen: Any) -> tuple[Told, list[Told]]:
    """A bulk action at its end, and its results."""
    begun = await client.post("/v1/customers/bulk", json={"change": change, **chosen})
    assert begun.status_code == 202, begun.text
    path = begun.headers["location"]
    last: list[Told] = []

    async def ended() -> bool:
        last[:] = [(await client.get(path)).json()]
        return last[0]["finished_at"] is not None

    await until(ended)
    return last[0], (await client.get(f"{path}/results", params={"limit": 200})).json()["items"]


def _outcomes(results: list[Told]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], (one["problem"] or {}).get("code")) for one in results]


async def test_each_customer_is_judged_by_itself(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, start_worker: StartWorker
) -> None:
    await start_worker(service)
    mine = colleague(agent, visibility="own")
    async with service.as_(mine) as own:
        ours, tagged = await _enter(own, "ours"), await _enter(own, "tagged", tags=["a", "b"])
        theirs = await _enter(client, "theirs")
        pooled = await _enter(client, "pooled", owner_id=None, team_id=None)
        ids = [one["id"] for one in (ours, theirs, tagged, pooled, ours)]

        operation, results = await _done(own, {"action": "add_tags", "tags": ["b"]}, ids=ids)

    progress = operation["progress"]
    assert (operation["status"], progress["total"], progress["done"]) == ("succeeded", 4, 4)
    assert operation["counters"] == {"changed": 1, "failed": 2, "unchanged": 1}
    assert [one["subject_id"] for one in results] == ids[:4]
    assert _outcomes(results) == [
        ("changed", None),
        ("failed", "not_found"),
        ("unchanged", None),
        ("failed", "not_claimed"),
    ]
    rows = await service.sql("SELECT name, tags, version FROM customers ORDER BY name")
    assert [tuple(row) for row in rows] == [
        ("ours", ["b"], 2),
        ("pooled", [], 1),
        ("tagged", ["a", "b"], 1),
        ("theirs", [], 1),
    ]


OWNER, TEAM = str(new_id()), str(new_id())
CHANGES: list[tuple[Told, Told, str]] = [
    (
        {"action": "assign", "owner_id": OWNER, "team_id": TEAM},
        {"owner_id": OWNER, "team_id": TEAM},
        "customer.updated",
    ),
    ({"action": "remove_tags", "tags": ["a"]}, {"tags": ["b"]}, "customer.updated"),
    ({"action": "set_grade", "grade": "A"}, {"grade": "A"}, "customer.updated"),
    (
        {"action": "activate", "code": "signed_contract", "reason": "年度合同"},
        {"status": "active", "status_reason": "signed_contract", "status_note": "年度合同"},
        "customer.status_changed",
    ),
    ({"action": "churn", "code": "price"}, {"status": "churned", "status_reason": "price"}, "customer.status_changed"),
    ({"action": "release", "reason": "无人跟进"}, {"owner_id": None, "team_id": None}, "customer.released"),
]


@pytest.mark.parametrize(("change", "members", "event"), CHANGES, ids=[one[0]["action"] for one in CHANGES])
async def test_what_can_be_done(
    client: httpx.AsyncClient,
    service: RunningService,
    start_worker: StartWorker,
    change: Told,
    members: Told,
    event: str,
) -> None:
    await start_worker(service)
    before = await _enter(client, "c", tags=["a", "b"], grade="B")

    _, results = await _done(client, change, ids=[before["id"]])

    assert _outcomes(results) == [("changed", None)]
    after = (await client.get(f"/v1/customers/{before['id']}")).json()
    changing = {"version", "updated_at", "status_since", "owner_since"}
    assert {name: after[name] for name in after if name not in changing} == {
        name: value for name, value in (before | members).items() if name not in changing
    }
    rows = await service.sql("SELECT type, headers->>'actor' AS actor FROM outbox ORDER BY id")
    assert [row["type"] for row in rows] == ["customer.created", event]
    assert rows[0]["actor"] == rows[1]["actor"]


async def test_some_are_deleted_and_those_in_use_stay(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await start_worker(service)
    free = await _enter(client, "free")
    mother = await _enter(client, "mother")
    await _enter(client, "daughter", parent_id=mother["id"])

    _, results = await _done(client, {"action": "delete"}, ids=[mother["id"], free["id"]])

    assert _outcomes(results) == [("failed", "customer_in_use"), ("changed", None)]
    assert [row[0] for row in await service.sql("SELECT name FROM customers ORDER BY name")] == ["daughter", "mother"]


async def test_a_filter_does_its_work_only_on_as_many_as_were_expected(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await start_worker(service)
    for number in range(5):
        await _enter(client, f"c{number}", grade="A" if number < 3 else None)
    change, wanted = {"action": "set_grade", "grade": "D"}, "grade == 'A'"

    refused = await client.post("/v1/customers/bulk", json={"change": change, "filter": wanted, "expected": 2})
    assert (refused.status_code, refused.json()["code"]) == (409, "unexpected_count")
    assert await service.sql("SELECT 1 FROM operations WHERE kind = 'customers.bulk'") == []
    operation, _ = await _done(client, change, filter=wanted, expected=3)

    assert operation["result"] == {"changed": 3}
    rows = await service.sql("SELECT grade, count(*) FROM customers GROUP BY grade ORDER BY grade")
    assert [tuple(row) for row in rows] == [("D", 3), (None, 2)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"change": {"action": "delete"}}, 422),
        ({"change": {"action": "delete"}, "ids": []}, 422),
        ({"change": {"action": "delete"}, "filter": "grade == 'A'"}, 422),
        ({"change": {"action": "dance"}, "ids": [str(new_id())]}, 422),
        ({"change": {"action": "assign", "owner": OWNER}, "ids": [str(new_id())]}, 422),
        ({"change": {"action": "delete"}, "filter": "grade ==", "expected": 1}, 400),
    ],
)
async def test_bad_requests_begin_nothing(
    client: httpx.AsyncClient, service: RunningService, body: Told, status: int
) -> None:
    answer = await client.post("/v1/customers/bulk", json=body)

    assert answer.status_code == status, answer.text
    assert await service.sql("SELECT 1 FROM operations WHERE kind = 'customers.bulk'") == []


async def test_nobody_without_the_right_begins_one(service: RunningService, agent: Caller) -> None:
    reader = caller("customers:read", tenant_id=agent.tenant_id)
    async with service.as_(reader) as client:
        answer = await client.post("/v1/customers/bulk", json={"change": {"action": "delete"}, "ids": [OWNER]})
    assert answer.status_code == 403
