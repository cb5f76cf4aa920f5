"""Signed contracts become projects, one for each, and one for an opportunity and its contract together."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from crm_contracts.base import DomainEvent
from crm_contracts.sales.v1 import ContractSigned, OpportunityWon
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.merges import told as told_merge
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.project_templates.contents import whole
from project_svc_tests.support import record_of, signed, take_in, won

REFERENCES = ("opportunity_id", "contract_id", "contract_reference")


@pytest.fixture
def service(shared: RunningService) -> RunningService:
    return shared


async def projects(client: httpx.AsyncClient, **parameters: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("/v1/projects", params=parameters)).json()["items"]
    return items


async def told_of(service: RunningService, tenant_id: UUID) -> list[tuple[str, int]]:
    statement = "SELECT type, version FROM outbox WHERE tenant_id = $1 ORDER BY aggregate_type, type, id"
    return [(row["type"], row["version"]) for row in await service.sql(statement, tenant_id)]


OPENED = [*[("delivery.planned", 1)] * 3, ("project.opened", 1), *[("risk.raised", 1)] * 2]


async def test_a_signed_contract_becomes_a_project(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    owner, team = new_id(), new_id()
    event = signed(owner_id=owner, team_id=team)

    await take_in(service, [record_of(event, agent.tenant_id), record_of(event, agent.tenant_id)])
    await deliver(service, event, tenant_id=agent.tenant_id)

    (project,) = await projects(client)
    assert project == {
        **project,
        "version": 1,
        "created_by": "system:project-svc",
        "owner_id": str(owner),
        "team_id": str(team),
        "name": "智慧园区采购合同",
        "customer_id": str(event.state.customer_id),
        "opportunity_id": None,
        "contract_id": str(event.state.id),
        "contract_reference": "CT-2017-000007",
        "template": "implementation",
        "status": "draft",
        "starts_on": "2017-03-01",
        "due_on": "2017-04-30",
        "budget": {"amount": "300000", "currency": "CNY"},
    }
    deliveries = (await client.get("/v1/deliveries", params={"sort": "due_on", "fields": "name"})).json()["items"]
    assert [item["name"] for item in deliveries] == ["需求说明书与实施计划", "系统部署与客户数据迁移", "培训与上线"]
    assert await told_of(service, agent.tenant_id) == OPENED


def pair(**fields: Any) -> tuple[OpportunityWon, ContractSigned]:
    """A won opportunity and its contract."""
    deal = won("Park", customer_id=new_id())
    return deal, signed(customer_id=deal.state.customer_id, opportunity_id=deal.state.id, **fields)


async def test_a_contract_joins_the_project_of_its_opportunity(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    deal, contract = pair()
    record = record_of(contract, agent.tenant_id, correlation_id=new_id())
    await deliver(service, deal, tenant_id=agent.tenant_id)
    (before,) = await projects(client)

    for _ in range(2):
        await take_in(service, [record])
    await deliver(service, deal, tenant_id=agent.tenant_id)

    (project,) = await projects(client)
    assert project == before | {
        "version": 2,
        "updated_at": project["updated_at"],
        "contract_id": str(contract.state.id),
        "contract_reference": "CT-2017-000007",
    }
    assert await told_of(service, agent.tenant_id) == [*OPENED[:4], ("project.updated", 2), *OPENED[4:]]
    (row,) = await service.sql(
        "SELECT headers, payload FROM outbox WHERE tenant_id = $1 AND type = 'project.updated'", agent.tenant_id
    )
    assert orjson.loads(row["headers"])["causation_id"] == str(record.event_id)
    assert orjson.loads(row["payload"])["changed"] == ["contract_reference", "contract_id"]


async def test_a_deal_that_is_won_after_its_contract_was_signed_has_its_project(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    deal, contract = pair()

    for event in (contract, deal, contract, deal):
        await deliver(service, event, tenant_id=agent.tenant_id)

    (project,) = await projects(client)
    ids = (str(deal.state.id), str(contract.state.id), "CT-2017-000007")
    assert (project["version"], *(project[name] for name in REFERENCES)) == (1, *ids)
    assert await told_of(service, agent.tenant_id) == OPENED


async def test_a_supplement_leaves_the_project_as_it_is(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    deal, contract = pair()
    first, second, third = (signed(opportunity_id=deal.state.id, number=f"CT-2017-00000{n}") for n in (1, 2, 3))

    await take_in(service, [record_of(event, agent.tenant_id) for event in (first, second)])
    for event in (third, deal, contract):
        await deliver(service, event, tenant_id=agent.tenant_id)

    (project,) = await projects(client)
    assert [project[name] for name in REFERENCES] == [str(deal.state.id), str(first.state.id), "CT-2017-000001"]
    assert await told_of(service, agent.tenant_id) == OPENED


async def test_a_reference_that_somebody_has_given_stays(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    deal, contract = pair()
    await deliver(service, deal, tenant_id=agent.tenant_id)
    (project,) = await projects(client)
    path, tag = f"/v1/projects/{project['id']}", {"if-match": '"1"'}
    await client.patch(path, json={"contract_reference": "HT-2017-园区-1"}, headers=tag)

    await deliver(service, contract, tenant_id=agent.tenant_id)

    found = await projects(client, filter=f"contract_id == '{contract.state.id}'")
    assert [(one["id"], one["contract_reference"]) for one in found] == [(project["id"], "HT-2017-园区-1")]


async def test_heard_of_at_the_same_moment_they_are_one_project_each(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    pairs = [pair() for _ in range(4)]
    batches = [[record_of(event, agent.tenant_id) for event in events] for events in zip(*pairs, strict=True)]

    await asyncio.gather(*(take_in(service, records) for records in batches))
    await asyncio.gather(*(take_in(service, list(reversed(records))) for records in batches))

    found = {tuple(project[name] for name in REFERENCES[:2]) for project in await projects(client)}
    assert found == {(str(deal.state.id), str(contract.state.id)) for deal, contract in pairs}
    opened = [event for event in await told_of(service, agent.tenant_id) if event[0] == "project.opened"]
    assert opened == [("project.opened", 1)] * 4


async def test_a_contract_with_a_customer_who_was_merged_is_for_the_survivor(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    kept, gone = new_id(), new_id()
    await deliver(service, told_merge(new_id(), kept, gone), tenant_id=agent.tenant_id)

    await deliver(service, signed(customer_id=gone), tenant_id=agent.tenant_id)

    assert [project["customer_id"] for project in await projects(client)] == [str(kept)]


async def test_another_company_is_not_concerned(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    deal, contract = pair()
    await deliver(service, deal, tenant_id=agent.tenant_id)

    await deliver(service, contract, tenant_id=new_id())

    assert [project["contract_id"] for project in await projects(client)] == [None]


async def test_rules_of_templates_can_speak_of_contracts(
    service: RunningService, agent: Caller, client: httpx.AsyncClient
) -> None:
    content = whole()
    rule = "deal.contract_id != null && deal.valid_until > date('2018-01-01') && deal.contract_number.startsWith('CT-')"
    made = await client.post("/v1/project-templates", json={"code": "framework", "content": content})
    path = f"/v1/project-templates/{made.json()['id']}"
    ruled = await client.patch(path, json={"deal_rule": rule}, headers={"if-match": '"1"'})
    published = await client.post(f"{path}/publish", json={}, headers={"if-match": '"2"'})
    assert (ruled.status_code, published.status_code) == (200, 200), ruled.text
    events: dict[str, DomainEvent[Any]] = {
        "long": signed("Long", valid_until=date(2019, 1, 1)),
        "short": signed("Short", valid_until=date(2017, 6, 1)),
        "open": signed("Open"),
        "deal": won("Deal"),
    }

    for event in events.values():
        await deliver(service, event, tenant_id=agent.tenant_id)

    found = {project["name"]: project["template"] for project in await projects(client)}
    implementation = dict.fromkeys(("Short", "Open", "Deal"), "implementation")
    assert found == {"Long": "framework", **implementation}
