from uuid import uuid4

import httpx
import pytest
from dirty_equals import IsDatetime, IsStr, IsUUID

from crm_contracts.service_desk.v1 import TicketStatus
from crm_platform.context import Caller
from crm_platform.errors import InvalidTransition
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from service_desk_svc.tickets.domain import LIFE_CYCLE

CUSTOMER = str(uuid4())
COMPLAINT = {"customer_id": CUSTOMER, "kind": "complaint", "subject": "交付延迟", "priority": "high"}


async def test_a_ticket_goes_from_complaint_to_closed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    opened = await client.post("/v1/tickets", json=COMPLAINT)
    path = opened.headers["location"]
    assignee = str(uuid4())
    steps = [
        ("assign", {"assignee_id": assignee}),
        ("resolve", {"resolution": "已补交"}),
        ("reopen", {"reason": "仍有问题"}),
        ("resolve", {"resolution": "已更换"}),
        ("close", {}),
    ]
    for version, (action, body) in enumerate(steps, 1):
        answer = await client.post(f"{path}/{action}", json=body, headers={"if-match": f'"{version}"'})
        assert answer.status_code == 200, answer.text

    ticket = (await client.get(path)).json()
    assert opened.status_code == 201
    assert ticket == {
        "id": IsUUID(),
        "version": 6,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": IsDatetime(iso_string=True),
        "updated_by": agent.actor,
        "owner_id": assignee,
        "team_id": None,
        "number": IsStr(regex=r"TK-20\d\d-000001"),
        "customer_id": CUSTOMER,
        "project_id": None,
        "kind": "complaint",
        "priority": "high",
        "subject": "交付延迟",
        "description": None,
        "status": "closed",
        "in_service_period": False,
        "assignee_id": assignee,
        "assigned_at": IsDatetime(iso_string=True),
        "resolved_at": IsDatetime(iso_string=True),
        "resolution": "已更换",
    }
    events = await service.sql("SELECT type FROM outbox ORDER BY id")
    assert [row["type"] for row in events] == [
        "ticket.opened",
        "ticket.assigned",
        "ticket.resolved",
        "ticket.reopened",
        "ticket.resolved",
        "ticket.closed",
    ]


@pytest.mark.parametrize("status", list(TicketStatus))
@pytest.mark.parametrize("action", ["assign", "resolve", "reopen", "close"])
def test_every_move_is_either_in_the_table_or_refused(status: TicketStatus, action: str) -> None:
    following = {
        ("new", "assign"): "assigned",
        ("assigned", "assign"): "assigned",
        ("assigned", "resolve"): "resolved",
        ("resolved", "reopen"): "assigned",
        ("resolved", "close"): "closed",
    }.get((status.value, action))
    if following is None:
        with pytest.raises(InvalidTransition):
            LIFE_CYCLE.after(status, action)
    else:
        assert LIFE_CYCLE.after(status, action).value == following


async def test_a_move_that_is_not_possible_says_which_are(client: httpx.AsyncClient, service: RunningService) -> None:
    path = (await client.post("/v1/tickets", json=COMPLAINT)).headers["location"]

    answer = await client.post(f"{path}/close", json={}, headers={"if-match": '"1"'})

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert answer.json()["detail"].endswith("possible now: assign.")
    assert len(await service.sql("SELECT 1 FROM outbox")) == 1


async def test_a_settled_ticket_is_not_changed(client: httpx.AsyncClient) -> None:
    path = (await client.post("/v1/tickets", json=COMPLAINT)).headers["location"]
    await client.patch(path, json={"subject": "新标题"}, headers={"if-match": '"1"'})
    await client.post(f"{path}/assign", json={"assignee_id": str(uuid4())}, headers={"if-match": '"2"'})
    await client.post(f"{path}/resolve", json={"resolution": "ok"}, headers={"if-match": '"3"'})

    answer = await client.patch(path, json={"subject": "x"}, headers={"if-match": '"4"'})

    assert (answer.status_code, answer.json()["code"]) == (409, "ticket_settled")
    assert (await client.get(path)).json()["subject"] == "新标题"


async def test_numbers_have_no_gaps_and_belong_to_their_tenant(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await client.post("/v1/tickets", json=COMPLAINT)
    refused = await client.post("/v1/tickets", json=COMPLAINT | {"subject": ""})
    second = (await client.post("/v1/tickets", json=COMPLAINT)).json()
    async with service.as_(caller()) as other:
        foreign = (await other.post("/v1/tickets", json=COMPLAINT)).json()
        listed = (await other.get("/v1/tickets")).json()["items"]

    assert refused.status_code == 422
    assert (second["number"][-6:], foreign["number"][-6:]) == ("000002", "000001")
    assert [item["id"] for item in listed] == [foreign["id"]]
