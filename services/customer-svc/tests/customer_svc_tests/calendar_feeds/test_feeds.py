"""A person's follow-ups in their calendar program, under an address that can be withdrawn."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar

from crm_contracts.identity.v1 import UserSnapshot, UserUpdated
from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from customer_svc_tests.communications.support import customer, record

DUE = datetime(2099, 1, 5, 2, tzinfo=UTC)


async def feed(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/v1/calendar-feeds", json={"label": "手机"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def fetched(service: RunningService, path: str) -> httpx.Response:
    async with service.as_(None) as program:
        return await program.get(path)


async def test_a_calendar_program_sees_what_is_to_be_done_in_the_right_moment(
    service: RunningService, client: httpx.AsyncClient
) -> None:
    company = await customer(client, name="华为")
    plan = {"due_at": "2099-01-05T10:00:00+08:00", "subject": "发送报价；含税", "remind_minutes_before": 15}
    said = await record(client, customer_id=company, subject="询价", follow_up=plan)
    other = {"due_at": DUE.isoformat(), "subject": "?", "assignee_id": str(uuid4())}
    await record(client, follow_up=other)
    done = await record(client, follow_up=plan)
    path = f"/v1/communications/{done['id']}/complete-follow-up"
    assert (await client.post(path, json={}, headers={"if-match": '"1"'})).status_code == 200

    answer = await fetched(service, (await feed(client))["path"])

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert max(map(len, answer.content.split(b"\r\n"))) <= 75
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (str(event["uid"]), event["sequence"]) == (f"follow-up-{said['id']}@guanxi", 1)
    assert (event["summary"], event["description"]) == ("发送报价；含税 · 华为", "询价")
    assert event.decoded("dtstart") == DUE
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == datetime(2099, 1, 5, 1, 45, tzinfo=UTC)


async def test_an_address_is_shown_once_and_withdrawn_for_good(
    service: RunningService, client: httpx.AsyncClient
) -> None:
    made = await feed(client)
    path = made["path"]
    assert (await fetched(service, path)).status_code == 200
    shown = (await client.get(f"/v1/calendar-feeds/{made['id']}")).json()
    assert made == {**shown, "path": path}
    secret = path.partition("secret=")[2]
    kept = await service.sql("SELECT a.after::text, o.payload FROM audit_entries a, outbox o")
    assert all(secret not in str(value) for row in kept for value in row)
    revoke = f"/v1/calendar-feeds/{made['id']}/revoke"
    assert (await client.post(revoke, json={}, headers={"if-match": '"1"'})).status_code == 200
    answer = await fetched(service, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("wrong", ["secret", "name", "tenant", "nothing"])
async def test_nothing_but_the_address_opens_a_calendar(
    service: RunningService, client: httpx.AsyncClient, wrong: str
) -> None:
    path = (await feed(client))["path"]
    name, _, secret = path.removeprefix("/v1/calendars/").partition(".ics?secret=")
    tried = {
        "secret": (name, secret[:-1] + ("A" if secret[-1] != "A" else "B")),
        "name": (name[:32] + uuid4().hex, secret),
        "tenant": (uuid4().hex + name[32:], secret),
        "nothing": ("x", secret),
    }[wrong]
    answer = await fetched(service, f"/v1/calendars/{tried[0]}.ics?secret={tried[1]}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_end_of_an_account_is_the_end_of_its_addresses(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    path = (await feed(client))["path"]
    colleague = replace(caller(), tenant_id=agent.tenant_id)
    async with service.as_(colleague) as other:
        theirs = (await feed(other))["path"]
    at = datetime(2026, 3, 2, tzinfo=UTC)
    written = {"created_at": at, "created_by": "user:1", "updated_at": at, "updated_by": "user:1"}
    person = {"email": "a@b.cn", "name": "王芳", "team_id": None, "roles": (), "language": "zh"}
    user = UserSnapshot(id=agent.id, version=2, **written, **person, active=True)
    await deliver(service, UserUpdated(state=user), tenant_id=agent.tenant_id)
    assert (await fetched(service, path)).status_code == 200
    for _ in range(2):
        ended = UserUpdated(state=user.model_copy(update={"version": 3, "active": False}))
        await deliver(service, ended, tenant_id=agent.tenant_id)
    assert [(await fetched(service, one)).status_code for one in (path, theirs)] == [404, 200]
    told = await service.sql("SELECT version FROM outbox WHERE type = 'calendar_feed.revoked'")
    assert [row["version"] for row in told] == [2]


async def test_others_do_not_see_the_addresses_and_machines_have_none(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    made = await feed(client)
    colleague = replace(caller(), tenant_id=agent.tenant_id, visibility="own")
    for who in (colleague, caller()):
        async with service.as_(who) as other:
            assert (await other.get("/v1/calendar-feeds")).json()["items"] == []
            assert (await other.get(f"/v1/calendar-feeds/{made['id']}")).status_code == 404
    async with service.as_(replace(agent, kind="apikey")) as machine:
        answer = await machine.post("/v1/calendar-feeds", json={"label": "?"})
        assert (answer.status_code, answer.json()["code"]) == (409, "calendar_of_nobody")
