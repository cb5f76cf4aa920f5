from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import httpx
import orjson
import pytest

from crm_contracts.base import Money
from crm_contracts.sales.v1 import OpportunityWon
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc.lifecycle.errors import OpportunityWithoutCustomer
from project_svc_tests.support import record_of, take_in, told, won


def without_customer() -> OpportunityWon:
    event = won("Nobody's")
    return event.model_copy(update={"state": event.state.model_copy(update={"customer_id": None})})


async def test_a_won_opportunity_becomes_a_project(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    owner, team = new_id(), new_id()
    event = won(
        "GTX Plus for Acme", owner_id=owner, team_id=team, value=Money(amount=Decimal("5482.50"), currency="USD")
    )

    await deliver(service, event, tenant_id=agent.tenant_id)

    (project,) = (await client.get("/v1/projects")).json()["items"]
    assert project == {
        **project,
        "version": 1,
        "created_by": "system:project-svc",
        "owner_id": str(owner),
        "team_id": str(team),
        "name": "GTX Plus for Acme",
        "customer_id": str(event.state.customer_id),
        "opportunity_id": str(event.state.id),
        "template": "implementation",
        "status": "draft",
        "starts_on": "2017-03-01",
        "due_on": "2017-04-30",
        "budget": {"amount": "5482.5", "currency": "USD"},
        "risk_threshold": 12,
        "approved_by": None,
    }
    deliveries = (await client.get(f"/v1/projects/{project['id']}/deliveries", params={"sort": "due_on"})).json()
    risks = (await client.get(f"/v1/projects/{project['id']}/risks", params={"sort": "score"})).json()
    assert [(item["name"], item["due_on"]) for item in deliveries["items"]] == [
        ("Requirements and implementation plan", "2017-03-15"),
        ("System set up with the customer's data", "2017-04-15"),
        ("Training and go-live", "2017-04-30"),
    ]
    assert [(item["category"], item["score"]) for item in risks["items"]] == [("schedule", 8), ("requirement", 9)]
    parts = deliveries["items"] + risks["items"]
    assert {(part["owner_id"], part["team_id"], part["customer_id"]) for part in parts} == {
        (str(owner), str(team), str(event.state.customer_id))
    }


async def test_a_chinese_opportunity_becomes_a_chinese_project(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    await deliver(service, won("上海地铁 GTX 项目"), tenant_id=agent.tenant_id)

    deliveries = (await client.get("/v1/deliveries", params={"sort": "due_on", "fields": "name"})).json()["items"]
    risks = (await client.get("/v1/risks", params={"sort": "-score", "fields": "title"})).json()["items"]
    assert deliveries == [{"name": "需求说明书与实施计划"}, {"name": "系统部署与客户数据迁移"}, {"name": "培训与上线"}]
    assert risks == [{"title": "需求在确认后发生变更"}, {"title": "客户方人员未能及时配合"}]


async def test_an_opportunity_without_closing_date_and_value_starts_today(
    service: RunningService, agent: Caller
) -> None:
    before = datetime.now(UTC).date()
    await deliver(service, won(closed_on=None), tenant_id=agent.tenant_id)

    ((starts_on, due_on, amount),) = await service.sql("SELECT starts_on, due_on, budget_amount FROM projects")
    assert before <= starts_on <= datetime.now(UTC).date()
    assert ((due_on - starts_on).days, amount) == (60, None)


async def test_an_opportunity_gets_one_project_however_often_it_is_won(service: RunningService, agent: Caller) -> None:
    event = won()
    later = won("Won again", id=event.state.id, version=5, customer_id=event.state.customer_id)

    await take_in(service, [record_of(event, agent.tenant_id), record_of(event, agent.tenant_id)])
    await deliver(service, event, tenant_id=agent.tenant_id)
    await deliver(service, later, tenant_id=agent.tenant_id)

    rows = await service.sql("SELECT name, opportunity_id FROM projects")
    assert [tuple(row) for row in rows] == [("GTX Plus for Acme", event.state.id)]
    assert await told(service, "project") == [("project.opened", 1)]
    assert await told(service, "delivery") == [("delivery.planned", 1)] * 3
    assert await told(service, "risk") == [("risk.raised", 1)] * 2


async def test_the_same_opportunity_id_of_two_tenants_is_two_opportunities(service: RunningService) -> None:
    one, other, event = new_id(), new_id(), won()

    for tenant_id in (one, other):
        await deliver(service, event, tenant_id=tenant_id)

    rows = await service.sql("SELECT tenant_id, opportunity_id FROM projects ORDER BY tenant_id")
    assert [tuple(row) for row in rows] == [(one, event.state.id), (other, event.state.id)]


async def test_each_project_of_a_batch_names_its_own_cause(service: RunningService, agent: Caller) -> None:
    correlations = [new_id() for _ in range(3)]
    traces = [f"00-{number:032x}-{number:016x}-01" for number in (1, 2, 3)]
    records = [
        record_of(won(f"Deal {number}"), agent.tenant_id, correlation_id=correlation, traceparent=trace)
        for number, (correlation, trace) in enumerate(zip(correlations, traces, strict=True))
    ]

    await take_in(service, records)

    rows = await service.sql(
        "SELECT p.name, o.type, o.headers, a.correlation_id, a.actor FROM outbox o "
        "JOIN audit_entries a ON a.entry_id = o.event_id "
        "LEFT JOIN deliveries d ON d.id = o.aggregate_id LEFT JOIN risks r ON r.id = o.aggregate_id "
        "JOIN projects p ON p.id = coalesce(d.project_id, r.project_id, o.aggregate_id)"
    )
    assert len(rows) == 3 * 6
    for row in rows:
        number = int(row["name"].removeprefix("Deal "))
        assert orjson.loads(row["headers"]) == {
            "correlation_id": str(correlations[number]),
            "causation_id": str(records[number].event_id),
            "actor": "system:project-svc",
            "origin": "erp",
            "traceparent": traces[number],
        }
        assert (row["correlation_id"], row["actor"]) == (correlations[number], "system:project-svc")


async def test_one_impossible_opportunity_spoils_its_batch_but_not_the_others_alone(
    service: RunningService, agent: Caller
) -> None:
    good, bad = won(), without_customer()

    with pytest.raises(OpportunityWithoutCustomer, match=f"won opportunity {bad.state.id} has no customer"):
        await take_in(service, [record_of(event, agent.tenant_id) for event in (good, bad)])
    assert await service.sql("SELECT 1 FROM projects UNION ALL SELECT 1 FROM outbox") == []

    await take_in(service, [record_of(good, agent.tenant_id)])
    assert await told(service, "project") == [("project.opened", 1)]


async def test_a_burst_of_won_opportunities(service: RunningService, agent: Caller) -> None:
    records = [record_of(won(f"Deal {n}", closed_on=date(2017, 1, 1)), agent.tenant_id) for n in range(300)]

    await take_in(service, records)

    ((projects, opportunities, deliveries, risks, events, entries),) = await service.sql(
        "SELECT (SELECT count(*) FROM projects), (SELECT count(DISTINCT opportunity_id) FROM projects), "
        "(SELECT count(*) FROM deliveries), (SELECT count(*) FROM risks), "
        "(SELECT count(*) FROM outbox), (SELECT count(*) FROM audit_entries)"
    )
    assert (projects, opportunities, deliveries, risks, events, entries) == (300, 300, 900, 600, 1800, 1800)


async def test_a_project_for_an_opportunity_can_be_found_by_it(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    events = [won("A"), won("B")]
    await take_in(service, [record_of(event, agent.tenant_id) for event in events])

    async def names(opportunity_id: UUID) -> list[str]:
        answer = await client.get("/v1/projects", params={"filter": f"opportunity_id == '{opportunity_id}'"})
        return [item["name"] for item in answer.json()["items"]]

    assert await names(events[1].state.id) == ["B"]
    assert await names(new_id()) == []
