from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import time_machine

from crm_contracts.project.v1 import DeliveryCompleted, DeliverySnapshot, DeliveryStatus
from crm_platform.context import Caller
from crm_platform.testing.companies import live_in
from crm_platform.testing.plugin import RunningService, deliver
from service_desk_svc.service_periods.domain import months_later


def completed(accepted_at: datetime, **values: Any) -> DeliveryCompleted:
    state = {
        "id": uuid4(),
        "version": 4,
        "created_at": accepted_at,
        "created_by": "user:x",
        "updated_at": accepted_at,
        "updated_by": "user:x",
        "owner_id": uuid4(),
        "team_id": None,
        "project_id": uuid4(),
        "customer_id": uuid4(),
        "name": "上线",
        "acceptance_criteria": ("可用",),
        "status": DeliveryStatus.ACCEPTED,
        "due_on": accepted_at.date(),
        "submissions": 1,
        "submitted_at": accepted_at,
        "accepted_at": accepted_at,
        "accepted_by": "user:x",
        "on_time": True,
        "rejection_reason": None,
    }
    return DeliveryCompleted(state=DeliverySnapshot(**(state | values)))


async def test_an_accepted_delivery_opens_a_period_and_asks_the_customer_once(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    event = completed(datetime(2026, 3, 31, 12, tzinfo=UTC))

    await deliver(service, event, tenant_id=agent.tenant_id)
    await deliver(service, event, tenant_id=agent.tenant_id)

    (period,) = (await client.get("/v1/service-periods")).json()["items"]
    (survey,) = (await client.get("/v1/surveys")).json()["items"]
    assert (period["starts_on"], period["ends_on"], period["version"]) == ("2026-03-31", "2027-03-31", 1)
    assert (survey["status"], survey["delivery_id"], survey["version"]) == ("sent", str(event.state.id), 1)
    assert survey["owner_id"] == period["owner_id"] == str(event.state.owner_id)
    events = await service.sql("SELECT type, headers->>'causation_id' AS cause FROM outbox ORDER BY id")
    assert [row["type"] for row in events] == ["service_period.opened", "survey.sent"]
    assert all(row["cause"] for row in events)


async def test_a_further_delivery_lengthens_the_period_of_its_project(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    first = completed(datetime(2026, 1, 10, tzinfo=UTC))
    second = completed(
        datetime(2026, 5, 10, tzinfo=UTC), project_id=first.state.project_id, customer_id=first.state.customer_id
    )
    late = completed(datetime(2026, 2, 1, tzinfo=UTC), project_id=first.state.project_id)

    for event in (first, second, late):
        await deliver(service, event, tenant_id=agent.tenant_id)

    (period,) = (await client.get("/v1/service-periods")).json()["items"]
    assert (period["starts_on"], period["ends_on"], period["version"]) == ("2026-01-10", "2027-05-10", 2)
    assert len((await client.get("/v1/surveys")).json()["items"]) == 3


async def test_a_survey_is_answered_once(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    await deliver(service, completed(datetime(2026, 3, 1, tzinfo=UTC)), tenant_id=agent.tenant_id)
    (survey,) = (await client.get("/v1/surveys")).json()["items"]
    path = f"/v1/surveys/{survey['id']}/answer"

    absurd = await client.post(path, json={"score": 6}, headers={"if-match": '"1"'})
    first = await client.post(path, json={"score": 4, "comment": "不错"}, headers={"if-match": '"1"'})
    again = await client.post(path, json={"score": 1}, headers={"if-match": '"2"'})

    assert (absurd.status_code, absurd.json()["errors"][0]["pointer"]) == (422, "/score")
    assert (first.json()["score"], first.json()["status"]) == (4, "answered")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


async def test_a_ticket_knows_whether_the_customer_is_covered(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    event = completed(datetime.now(UTC))
    await deliver(service, event, tenant_id=agent.tenant_id)
    ticket = {"kind": "incident", "subject": "故障"}

    covered = (await client.post("/v1/tickets", json=ticket | {"customer_id": str(event.state.customer_id)})).json()
    other = (await client.post("/v1/tickets", json=ticket | {"customer_id": str(uuid4())})).json()

    assert (covered["in_service_period"], other["in_service_period"]) == (True, False)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
    ],
)
def test_months_end_where_the_calendar_ends(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


async def test_a_period_begins_on_the_day_of_the_company(service: RunningService, agent: Caller) -> None:
    await live_in(service, agent.tenant_id, "Asia/Shanghai")
    moments = (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC))
    for moment in moments:
        await deliver(service, completed(moment), tenant_id=agent.tenant_id)
    await live_in(service, agent.tenant_id, "America/New_York", version=2)
    await deliver(service, completed(datetime(2026, 4, 1, 3, 59, 59, tzinfo=UTC)), tenant_id=agent.tenant_id)

    periods = await service.sql("SELECT starts_on, ends_on FROM service_periods ORDER BY created_at, id")
    assert [(str(one["starts_on"]), str(one["ends_on"])) for one in periods] == [
        ("2026-03-31", "2027-03-31"),
        ("2026-04-01", "2027-04-01"),
        ("2026-03-31", "2027-03-31"),
    ]


async def test_a_ticket_is_one_of_the_day_of_the_company(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await live_in(service, agent.tenant_id, "Asia/Shanghai")
    event = completed(datetime(2023, 12, 31, 15, 59, 59, tzinfo=UTC))
    await deliver(service, event, tenant_id=agent.tenant_id)
    assert (await client.get("/v1/service-periods")).json()["items"][0]["ends_on"] == "2024-12-31"
    body = {"kind": "incident", "subject": "故障", "customer_id": str(event.state.customer_id)}

    tickets = []
    for moment in (datetime(2024, 12, 31, 15, 59, 30, tzinfo=UTC), datetime(2024, 12, 31, 16, tzinfo=UTC)):
        with time_machine.travel(moment, tick=True):
            tickets.append((await client.post("/v1/tickets", json=body)).json())

    assert [one["in_service_period"] for one in tickets] == [True, False]
    assert ["-2024-" in one["number"] for one in tickets] == [True, False]
    assert "-2025-" in tickets[1]["number"]
