import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from crm_contracts.requirement.v1 import (
    RequirementHandedOver,
    RequirementKind,
    RequirementPriority,
    RequirementRejected,
    RequirementSnapshot,
    RequirementStatus,
)
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import LONG_AGO, act, done, told


def requirement(customer_id: UUID, **fields: Any) -> RequirementSnapshot:
    values: dict[str, Any] = dict.fromkeys(RequirementSnapshot.model_fields)
    values |= {"id": new_id(), "version": 4, "created_at": LONG_AGO, "created_by": "user:x", "updated_at": LONG_AGO}
    values |= {"updated_by": "user:x", "number": "RQ-2026-000001", "customer_id": customer_id, "title": "离线签到"}
    values |= {"kind": RequirementKind.FUNCTION, "in_scope": ("无网络时可签到",), "out_of_scope": ("人脸识别",)}
    values |= {"priority": RequirementPriority.MUST, "status": RequirementStatus.CONFIRMED, "hand_overs": 1}
    values |= {"handed_over_at": datetime(2026, 3, 2, tzinfo=UTC), "due_on": date(2199, 6, 30)}
    return RequirementSnapshot(**values | fields)


def handed_over(state: RequirementSnapshot) -> RequirementHandedOver:
    return RequirementHandedOver(state=state)


def rejected(state: RequirementSnapshot) -> RequirementRejected:
    gone = {"status": RequirementStatus.REJECTED, "status_reason": "预算不足", "handed_over_at": None}
    return RequirementRejected(state=state.model_copy(update={**gone, "version": state.version + 1}))


async def answers(service: RunningService) -> list[tuple[Any, ...]]:
    """Type, hand-over, refusal and deliverable of every answer, in order."""
    rows = await service.sql("SELECT payload, type FROM outbox WHERE aggregate_type = 'requirement_intake' ORDER BY id")
    states = [(row["type"], orjson.loads(row["payload"])["state"]) for row in rows]
    return [(kind, state["hand_over"], state["refusal"], state["delivery_id"]) for kind, state in states]


async def deliveries(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/v1/deliveries", params={"sort": "created_at"})).json()["items"]
    return found


async def test_a_requirement_becomes_a_deliverable_of_the_project_that_was_asked_for(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject, customer_id: UUID
) -> None:
    project = await open_project(name="一期")
    await open_project(name="二期")
    state = requirement(customer_id, project_id=UUID(project["id"]))

    for _ in range(2):
        await deliver(service, handed_over(state), tenant_id=agent.tenant_id)

    (planned,) = await deliveries(client)
    assert planned == planned | {
        "project_id": project["id"],
        "customer_id": str(customer_id),
        "owner_id": project["owner_id"],
        "name": "离线签到",
        "acceptance_criteria": ["无网络时可签到"],
        "status": "planned",
        "due_on": "2199-06-30",
        "requirement_id": str(state.id),
        "hand_over": 1,
        "created_by": "system:project-svc",
    }
    assert await answers(service) == [("requirement_intake.planned", 1, None, planned["id"])]


async def test_without_a_project_the_newest_open_one_of_the_customer_takes_it(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject, customer_id: UUID
) -> None:
    await open_project(name="一期")
    newest = await open_project(name="二期")
    over = await open_project(name="三期")
    await act(client, f"projects/{over['id']}", "cancel", 2)
    state = requirement(customer_id, due_on=None)

    await deliver(service, handed_over(state), tenant_id=agent.tenant_id)

    (planned,) = await deliveries(client)
    assert (planned["project_id"], planned["due_on"]) == (newest["id"], newest["due_on"])


@pytest.mark.parametrize("due_on", [date(2199, 6, 30), date(2020, 1, 1), None])
async def test_without_any_project_one_is_opened_that_waits_for_approval(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, customer_id: UUID, due_on: date | None
) -> None:
    state = requirement(customer_id, due_on=due_on, owner_id=new_id(), team_id=new_id())

    await deliver(service, handed_over(state), tenant_id=agent.tenant_id)

    (project,) = (await client.get("/v1/projects")).json()["items"]
    (planned,) = await deliveries(client)
    today = date.fromisoformat(project["starts_on"])
    usual = today + timedelta(days=60)
    assert (project["name"], project["status"], project["template"]) == ("离线签到", "draft", None)
    assert project["due_on"] == max(today, due_on or usual).isoformat()
    assert (project["owner_id"], project["team_id"]) == (str(state.owner_id), str(state.team_id))
    assert (planned["project_id"], planned["due_on"]) == (project["id"], (due_on or usual).isoformat())
    assert await told(service, "project") == [("project.opened", 1)]


async def test_two_requirements_of_one_customer_open_one_project(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, customer_id: UUID
) -> None:
    events = [handed_over(requirement(customer_id)) for _ in range(4)]

    await asyncio.gather(*(deliver(service, event, tenant_id=agent.tenant_id) for event in events))

    assert await told(service, "project") == [("project.opened", 1)]
    assert {one["requirement_id"] for one in await deliveries(client)} == {str(event.state.id) for event in events}


async def test_a_project_that_cannot_take_it_is_told_as_a_refusal(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject, customer_id: UUID
) -> None:
    foreign = await open_project()
    over = await open_project()
    await act(client, f"projects/{over['id']}", "cancel", 2)
    before = await told(service, "project")
    wanted = [
        requirement(customer_id, project_id=new_id()),
        requirement(new_id(), project_id=UUID(foreign["id"])),
        requirement(customer_id, project_id=UUID(over["id"])),
    ]

    for state in wanted * 2:
        await deliver(service, handed_over(state), tenant_id=agent.tenant_id)

    refusals = ("unknown_project", "project_of_another_customer", "project_ended")
    assert await answers(service) == [("requirement_intake.refused", 1, why, None) for why in refusals]
    assert (await deliveries(client), await told(service, "project")) == ([], before)


async def test_a_further_hand_over_gets_a_further_answer_and_an_old_one_none(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject, customer_id: UUID
) -> None:
    await open_project()
    first = requirement(customer_id, project_id=new_id())
    second = first.model_copy(update={"hand_overs": 2, "project_id": None, "version": 6})

    for state in (first, second, first, second):
        await deliver(service, handed_over(state), tenant_id=agent.tenant_id)

    (planned,) = await deliveries(client)
    assert planned["hand_over"] == 2
    assert await answers(service) == [
        ("requirement_intake.refused", 1, "unknown_project", None),
        ("requirement_intake.planned", 2, None, planned["id"]),
    ]


@pytest.mark.parametrize(
    ("actions", "status"),
    [((), "cancelled"), (("start",), "cancelled"), (("start", "submit", "accept"), "accepted")],
)
async def test_a_rejected_requirement_takes_its_deliverable_with_it_unless_that_is_accepted(
    client: httpx.AsyncClient,
    service: RunningService,
    agent: Caller,
    open_project: OpenProject,
    customer_id: UUID,
    actions: tuple[str, ...],
    status: str,
) -> None:
    await open_project()
    state = requirement(customer_id)
    await deliver(service, handed_over(state), tenant_id=agent.tenant_id)
    (planned,) = await deliveries(client)
    await done(client, f"deliveries/{planned['id']}", *actions)

    for _ in range(2):
        await deliver(service, rejected(state), tenant_id=agent.tenant_id)
    await deliver(service, rejected(requirement(customer_id)), tenant_id=agent.tenant_id)

    (left,) = await deliveries(client)
    reason = "预算不足" if status == "cancelled" else None
    assert (left["status"], left["cancellation_reason"]) == (status, reason)
    assert (await told(service, "delivery")).count(("delivery.cancelled", left["version"])) == (status == "cancelled")
