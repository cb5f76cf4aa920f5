"""Members enter and leave, by the events on which a real worker acts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from crm_platform.context import Caller
from crm_platform.testing.companies import live_in
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until
from customer_svc_tests.segments.support import (
    becomes,
    check_told,
    later,
    moves,
    names,
    opportunity,
    order,
    patched,
    posted,
    settled,
    survey,
    ticket,
)

MEETING = {"kind": "meeting", "subject": "回访"}


def part(text: str, operator: str | None, parts: list[Any], values: dict[str, Any], *, truth: bool = True) -> Any:
    """A part of an explanation."""
    return {"text": text, "truth": truth, "operator": operator, "values": values, "parts": parts}


AMOUNT = "1234567890123456.7891"
REVENUE = part(f"annual_revenue.amount == {AMOUNT}", None, [], {"annual_revenue.amount": AMOUNT})
GRADE = part("grade == 'A'", None, [], {"grade": "B"}, truth=False)
TICKETS = part("facts.open_tickets == 0", None, [], {"facts.open_tickets": 0})


async def test_members_follow_customers_and_the_expression(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    first = await posted(client, "customers", name="甲", grade="A")
    second = await posted(client, "customers", name="乙", grade="B")
    async with service.as_(caller()) as stranger:
        await posted(stranger, "customers", name="别家", grade="A")
    await start_worker(service)
    segment = await posted(client, "segments", name="大客户", expression="grade == 'A'")

    current = await settled(client, segment)
    assert (current["version"], current["evaluated_at"]) == (2, current["updated_at"])
    assert await names(client, f"segments/{segment['id']}/members") == ["甲"]
    second = await patched(client, "customers", second, grade="A")
    third = await posted(client, "customers", name="丙", grade="A")
    await becomes(client, segment, "甲", "乙", "丙")
    first = await patched(client, "customers", first, grade=None)
    await becomes(client, segment, "乙", "丙")
    await patched(client, "customers", first, grade="A")
    await becomes(client, segment, "甲", "乙", "丙")
    assert await moves(service, segment) == [
        ("entered", first["id"]),
        ("entered", second["id"]),
        ("entered", third["id"]),
        ("left", first["id"]),
        ("entered", first["id"]),
    ]

    await patched(client, "segments", current, expression="name == '丙' || name == '丁'")
    await becomes(client, segment, "丙")
    await settled(client, segment)
    gone = await client.delete(f"/v1/customers/{third['id']}", headers={"if-match": '"1"'})
    assert gone.status_code == 204

    async def left() -> bool:
        return (await moves(service, segment))[-1] == ("left", third["id"])

    await until(left, seconds=60)
    assert sorted((await moves(service, segment))[5:7]) == sorted([("left", first["id"]), ("left", second["id"])])
    assert len(await moves(service, segment)) == 8
    await check_told(service)
    causes = await service.sql(
        "SELECT DISTINCT headers->>'actor' AS actor FROM outbox WHERE topic = 'crm.segment_member.v1' AND version > 1"
    )
    assert [row["actor"] for row in causes] == ["system:customer-svc"]
    tenants = await service.sql("SELECT DISTINCT tenant_id FROM segment_members")
    assert [row["tenant_id"] for row in tenants] == [agent.tenant_id]


async def test_members_follow_what_other_services_tell(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    customer = await posted(client, "customers", name="甲")
    other = await posted(client, "customers", name="乙")
    await start_worker(service)
    expressions = {
        "orders": "facts.orders == 2 && facts.orders_value.amount == 150.5 && facts.orders_value.currency == 'CNY'",
        "tickets": "facts.open_tickets > 0",
        "happy": "facts.satisfaction >= 4.5 && facts.surveys_answered == 2",
        "deals": "facts.open_opportunities == 1",
        "recent": "facts.last_order_at >= timestamp('2026-02-01T00:00:00Z')",
        "talked": "facts.last_communication_at == timestamp('2026-03-02T01:00:00Z')",
    }
    made = {name: await posted(client, "segments", name=name, expression=text) for name, text in expressions.items()}
    for segment in made.values():
        await settled(client, segment)
    complaint, deal = ticket(customer["id"]), opportunity(customer["id"])
    for event in (
        order(customer["id"], "100", date(2026, 1, 1)),
        order(customer["id"], "50.5", date(2026, 2, 1)),
        order(customer["id"], "9999", date(2025, 1, 1), "USD"),
        complaint,
        survey(customer["id"], 4),
        survey(customer["id"], 5),
        survey(customer["id"], None),
        deal,
        opportunity(None),
        ticket(uuid4()),
    ):
        for _ in range(2):
            await deliver(service, event, tenant_id=agent.tenant_id)
    for at in ("2026-03-01T09:00:00+08:00", "2026-03-02T09:00:00+08:00", "2026-02-01T09:00:00+08:00"):
        await posted(client, "communications", customer_id=customer["id"], happened_at=at, **MEETING)

    await becomes(client, made["talked"], "甲")
    found = {name: await names(client, f"segments/{one['id']}/members") for name, one in made.items()}
    assert found == {
        "orders": [],
        "tickets": ["甲"],
        "happy": ["甲"],
        "deals": ["甲"],
        "recent": ["甲"],
        "talked": ["甲"],
    }

    # A correction moves a record to another customer; a stale copy of it changes nothing.
    moved = later(complaint, customer_id=UUID(other["id"]))
    for correction in (moved, complaint, later(deal, stage="lost"), later(later(moved), status="resolved")):
        await deliver(service, correction, tenant_id=agent.tenant_id)

    first, *both, last = await moves(service, made["tickets"])
    assert (first, last) == (("entered", customer["id"]), ("left", other["id"]))
    assert sorted(both) == [("entered", other["id"]), ("left", customer["id"])]
    assert await names(client, f"segments/{made['deals']['id']}/members") == []
    await check_told(service)


async def test_sums_never_mix_currencies(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    customer = await posted(client, "customers", name="甲")
    for event in (
        order(customer["id"], "100", date(2026, 1, 1)),
        order(customer["id"], "70", date(2026, 2, 1), "USD"),
        order(customer["id"], "5", date(2025, 1, 1), "USD"),
    ):
        await deliver(service, event, tenant_id=agent.tenant_id)

    text = "facts.orders == 3 && facts.orders_value.currency == 'USD' && facts.orders_value.amount == 75"
    assert await names(client, "segments/preview", filter=text) == ["甲"]


async def test_a_segment_that_is_removed_has_no_members_and_gets_none(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await posted(client, "customers", name="甲", grade="A")
    await start_worker(service)
    kept = await settled(client, await posted(client, "segments", name="所有", expression="true"))
    segment = await settled(client, await posted(client, "segments", name="大客户", expression="grade == 'A'"))

    gone = await client.delete(f"/v1/segments/{segment['id']}", headers={"if-match": f'"{segment["version"]}"'})
    await posted(client, "customers", name="乙", grade="A")

    assert gone.status_code == 204
    await becomes(client, kept, "甲", "乙")
    assert (await client.get(f"/v1/segments/{segment['id']}/members")).status_code == 404
    assert len(await moves(service, segment)) == 1
    rows = await service.sql("SELECT DISTINCT segment_id FROM segment_members")
    assert [str(row["segment_id"]) for row in rows] == [kept["id"]]


async def test_it_is_explained_why_a_customer_is_in_or_out(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    revenue = {"amount": AMOUNT, "currency": "CNY"}
    customer = await posted(client, "customers", name="甲", grade="B", annual_revenue=revenue)
    await start_worker(service)
    text = f"annual_revenue.amount == {AMOUNT} && (grade == 'A' || facts.open_tickets == 0)"
    inside = await settled(client, await posted(client, "segments", name="内", expression=text))
    outside = await settled(client, await posted(client, "segments", name="外", expression="!has(grade)"))
    path = f"/v1/customers/{customer['id']}/segments"

    answer = (await client.get(path)).json()
    one = (await client.get(path, params={"segment_id": outside["id"]})).json()

    await becomes(client, inside, "甲")
    since = (await service.sql("SELECT since FROM segment_members"))[0]["since"]
    assert [item["name"] for item in answer["items"]] == ["内", "外"]
    assert datetime.fromisoformat(answer["items"][0].pop("since")) == since
    either = part("grade == 'A' || facts.open_tickets == 0", "||", [GRADE, TICKETS], {})
    whole = part(text, "&&", [REVENUE, either], {})
    assert answer["items"][0] == {
        "segment_id": inside["id"],
        "name": "内",
        "expression": text,
        "member": True,
        "explanation": whole,
    }
    (out,) = one["items"]
    assert (out["member"], out["since"], out["explanation"]["truth"]) == (False, None, False)
    for who in (caller(), colleague(agent, "segments:read", "customers:read", visibility="own")):
        async with service.as_(who) as blind:
            assert (await blind.get(path)).status_code == 404


async def test_members_that_a_caller_may_not_see_are_not_shown(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    await posted(client, "customers", name="甲")
    await posted(client, "customers", name="公海", owner_id=None)
    await start_worker(service)
    segment = await settled(client, await posted(client, "segments", name="所有", expression="true"))
    await becomes(client, segment, "甲", "公海")

    async with service.as_(colleague(agent, "segments:read", "customers:read", visibility="own")) as blind:
        assert await names(blind, f"segments/{segment['id']}/members") == ["公海"]
        assert await names(blind, "segments/preview", filter="true") == ["公海"]


async def test_time_alone_lets_members_leave_and_enter(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    customer = await posted(client, "customers", name="甲")
    await start_worker(service)
    day, hour = timedelta(hours=24), timedelta(hours=1)
    soon = datetime.now(UTC) - day + hour
    fresh = await settled(
        client,
        await posted(client, "segments", name="新", expression="now() - facts.last_communication_at < duration('24h')"),
    )
    stale = await settled(
        client,
        await posted(
            client, "segments", name="旧", expression="now() - facts.last_communication_at >= duration('24h')"
        ),
    )
    told = {"customer_id": customer["id"], "happened_at": soon.isoformat(), **MEETING}
    await posted(client, "communications", **told)
    await becomes(client, fresh, "甲")
    watches = await service.sql("SELECT look_again_at FROM segment_watches")
    assert [row["look_again_at"] for row in watches] == [soon + day]
    assert await names(client, f"segments/{stale['id']}/members") == []

    # An hour passes: all that is known of time was an hour earlier; and the sweep, which comes every minute, is due.
    await service.sql("UPDATE customer_facts SET last_communication_at = last_communication_at - $1::interval", hour)
    await service.sql("UPDATE segment_watches SET look_again_at = look_again_at - $1::interval", hour)
    await service.sql("UPDATE operation_sweeps SET next_at = now() WHERE kind = 'segments.look_again'")
    await becomes(client, fresh)
    await becomes(client, stale, "甲")
    assert await service.sql("SELECT 1 FROM segment_watches") == []
    await check_told(service)


async def test_the_day_of_an_order_begins_where_the_company_is(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await live_in(service, agent.tenant_id, "Asia/Shanghai")
    customer = await posted(client, "customers", name="甲")

    await deliver(service, order(customer["id"], "100", date(2026, 4, 1)), tenant_id=agent.tenant_id)

    known = "SELECT last_order_at FROM customer_facts WHERE customer_id = $1"
    assert await service.sql(known, UUID(customer["id"])) == [(datetime(2026, 3, 31, 16, tzinfo=UTC),)]
