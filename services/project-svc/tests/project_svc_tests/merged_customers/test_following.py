"""Projects, deliverables and risks follow their customers into merges and back."""

from uuid import UUID

import httpx

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.merges import told
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import customer

TABLES = ("projects", "deliveries", "risks")


async def _whose(service: RunningService) -> list[UUID]:
    return [(await service.sql(f"SELECT customer_id FROM {table}"))[0][0] for table in TABLES]


async def test_everything_follows_and_goes_back(
    service: RunningService, client: httpx.AsyncClient, agent: Caller, open_project: OpenProject, customer_id: UUID
) -> None:
    kept, merge_id = new_id(), new_id()
    project = await open_project()
    about = {"project_id": project["id"]}
    planned = {**about, "name": "验收报告", "due_on": "2199-01-01"}
    raised = {**about, "title": "供应延误", "category": "schedule", "probability": 3, "impact": 3}
    answers = [
        await client.post(f"/v1/{path}", json=body) for path, body in (("deliveries", planned), ("risks", raised))
    ]
    assert [answer.status_code for answer in answers] == [201, 201], [answer.text for answer in answers]

    await deliver(service, told(merge_id, kept, customer_id), tenant_id=agent.tenant_id)
    assert await _whose(service) == [kept] * 3
    await deliver(service, told(merge_id, kept, customer_id, undone=True), tenant_id=agent.tenant_id)

    assert await _whose(service) == [customer_id] * 3
    types = [row["type"] for row in await service.sql("SELECT type FROM outbox ORDER BY id")]
    assert types[-6:] == ["project.updated", "delivery.moved", "risk.moved"] * 2


async def test_an_old_id_means_who_stands_for_it(
    service: RunningService, client: httpx.AsyncClient, agent: Caller, customer_id: UUID
) -> None:
    kept = customer()
    await deliver(service, CustomerCreated(state=kept), tenant_id=agent.tenant_id)
    await deliver(service, told(new_id(), kept.id, customer_id), tenant_id=agent.tenant_id)

    body = {"customer_id": str(customer_id), "name": "智慧园区", "due_on": "2199-12-31"}
    answer = await client.post("/v1/projects", json=body)

    assert (answer.status_code, answer.json()["customer_id"]) == (201, str(kept.id))
