"""What comes next: planned, reminded of, done, and seen by whoever has to do it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from customer_svc_tests.communications.support import customer, record

LATER = "2099-01-05T10:00:00+08:00"
_EVENTS = "SELECT type, version FROM outbox WHERE aggregate_type = 'communication' ORDER BY id"


async def test_a_communication_is_recorded_with_all_that_belongs_to_it(
    client: httpx.AsyncClient, agent: Caller
) -> None:
    colleague, contact = str(uuid4()), str(uuid4())
    told: dict[str, Any] = {
        "channel": "wechat",
        "kind": "chat",
        "direction": "inbound",
        "participants": ["王芳"],
        "participant_user_ids": [colleague],
        "participant_contact_ids": [contact],
        "outcome": "要求报价",
        "duration_minutes": 3,
    }
    shown = await record(
        client, **told, follow_up={"due_at": LATER, "subject": "发送报价", "remind_minutes_before": 30}
    )
    assert {name: shown[name] for name in told} == told
    assert shown["follow_up"] == {
        "due_at": "2099-01-05T02:00:00Z",
        "assignee_id": str(agent.id),
        "subject": "发送报价",
        "status": "open",
        "remind_at": "2099-01-05T01:30:00Z",
        "reminded_at": None,
        "settled_at": None,
        "settled_by": None,
    }
    filters = (
        f"participant_user_ids.exists(id, id == '{colleague}')",
        "channel == 'wechat' && direction == 'inbound' && outcome.contains('报价')",
        "follow_up.status == 'open' && follow_up.due_at > timestamp('2098-01-01T00:00:00Z')",
    )
    for expression in filters:
        answer = await client.get("/v1/communications", params={"filter": expression})
        assert [item["id"] for item in answer.json()["items"]] == [shown["id"]], (expression, answer.text)


async def test_a_channel_that_does_not_fit_is_refused_in_both_languages(
    service: RunningService, client: httpx.AsyncClient
) -> None:
    body = {
        "customer_id": await customer(client),
        "kind": "visit",
        "channel": "sms",
        "subject": "?",
        "happened_at": "2026-03-02T09:00:00Z",
    }
    for language, text in (("en", "does not go by `sms`"), ("zh", "不能通过“sms”")):
        answer = await client.post("/v1/communications", json=body, headers={"accept-language": language})
        assert (answer.status_code, answer.json()["code"]) == (409, "channel_does_not_fit")
        assert text in answer.json()["detail"]
    assert await service.sql("SELECT 1 FROM communications") == []


async def test_a_follow_up_is_planned_planned_anew_and_done(service: RunningService, client: httpx.AsyncClient) -> None:
    id = (await record(client))["id"]

    async def act(action: str, version: int, **body: Any) -> httpx.Response:
        path = f"/v1/communications/{id}/{action}"
        return await client.post(path, json=body, headers={"if-match": f'"{version}"'})

    nothing = await act("complete-follow-up", 1)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "no_follow_up")
    early = await act("plan-follow-up", 1, due_at="2020-01-01T00:00:00Z", subject="?")
    assert (early.status_code, early.json()["code"]) == (409, "follow_up_too_early")
    assert (await act("plan-follow-up", 1, due_at=LATER, subject="发送报价")).status_code == 200
    stale = await act("plan-follow-up", 1, due_at=LATER, subject="?")
    assert stale.status_code == 412
    assert (await act("plan-follow-up", 2, due_at=LATER, subject="致电")).json()["follow_up"]["subject"] == "致电"
    done = (await act("complete-follow-up", 3, reason="已发送")).json()
    assert (done["follow_up"]["status"], done["version"]) == ("done", 4)
    again = await act("drop-follow-up", 4)
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    events = [tuple(row) for row in await service.sql(_EVENTS)]
    assert events == [
        ("communication.recorded", 1),
        ("communication.follow_up_planned", 2),
        ("communication.follow_up_planned", 3),
        ("communication.follow_up_done", 4),
    ]
    assert await service.sql("SELECT 1 FROM operations WHERE kind = 'communications.remind'") == []


async def test_whoever_has_to_follow_up_is_reminded_once_at_the_time(
    service: RunningService, client: httpx.AsyncClient, start_worker: StartWorker
) -> None:
    soon = utc_now() + timedelta(seconds=1)
    plan = {"due_at": (soon + timedelta(minutes=5)).isoformat(), "subject": "致电", "remind_minutes_before": 5}
    due = await record(client, follow_up=plan)
    dropped = await record(client, follow_up=plan)
    path = f"/v1/communications/{dropped['id']}/drop-follow-up"
    assert (await client.post(path, json={}, headers={"if-match": '"1"'})).status_code == 200
    later = await record(client, follow_up={"due_at": LATER, "subject": "?"})
    await start_worker(service)
    told = "SELECT aggregate_id, version, occurred_at FROM outbox WHERE type = 'communication.follow_up_due'"
    rows = await until(lambda: service.sql(told))
    shown = (await client.get(f"/v1/communications/{due['id']}")).json()
    timers = await service.sql(
        "SELECT key, status FROM operations WHERE kind = 'communications.remind' ORDER BY due_at"
    )

    assert [(str(row["aggregate_id"]), row["version"]) for row in rows] == [(due["id"], 2)]
    assert rows[0]["occurred_at"] >= soon
    assert shown["follow_up"]["reminded_at"] is not None
    assert {row["key"]: row["status"] for row in timers} == {due["id"]: "succeeded", later["id"]: "queued"}


async def test_the_list_shows_whose_turn_it_is_and_what_is_overdue(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    colleague = replace(caller(), tenant_id=agent.tenant_id, visibility="own")
    mine = await record(client, follow_up={"due_at": LATER, "subject": "我的"})
    past = await record(client, follow_up={"due_at": "2026-03-02T10:00:00Z", "subject": "逾期"})
    theirs = await record(
        client, follow_up={"due_at": "2099-01-01T00:00:00Z", "subject": "他的", "assignee_id": str(colleague.id)}
    )
    await record(client)

    async def listed(one: httpx.AsyncClient, **parameters: str) -> list[tuple[str, bool]]:
        answer = await one.get("/v1/follow-ups", params=parameters)
        assert answer.status_code == 200, answer.text
        return [(item["id"], item["overdue"]) for item in answer.json()["items"]]

    assert await listed(client) == [(past["id"], True), (theirs["id"], False), (mine["id"], False)]
    assert await listed(client, filter="overdue") == [(past["id"], True)]
    assert await listed(client, filter=f"assignee_id == '{colleague.id}'") == [(theirs["id"], False)]
    assert await listed(client, sort="-due_at", limit="1") == [(mine["id"], False)]
    async with service.as_(colleague) as other:
        assert await listed(other) == [(theirs["id"], False)]
        assert (await other.get(f"/v1/communications/{theirs['id']}")).status_code == 404
    async with service.as_(caller()) as stranger:
        assert await listed(stranger) == []
