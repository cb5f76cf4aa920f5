from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
from dirty_equals import IsUUID

from crm_contracts.base import Money
from crm_contracts.identity.v1 import UserCreated, UserSnapshot
from crm_contracts.project.v1 import DeliveryCompleted, DeliverySnapshot, DeliveryStatus
from crm_contracts.sales.v1 import (
    OpportunityCreated,
    OpportunityEvent,
    OpportunityLost,
    OpportunitySnapshot,
    OpportunityStage,
    OpportunityWon,
)
from crm_contracts.service_desk.v1 import SurveyAnswered, SurveySent, SurveySnapshot, SurveyStatus
from crm_platform.context import Caller
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService, deliver

AUTHORSHIP: dict[str, Any] = {
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    "created_by": "user:x",
    "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
    "updated_by": "user:x",
}


def deal(
    stage: OpportunityStage,
    amount: str | None,
    owner: UUID | None,
    *,
    version: int = 1,
    currency: str = "CNY",
    **more: Any,
) -> OpportunitySnapshot:
    values: dict[str, Any] = {
        "id": uuid4(),
        "version": version,
        "owner_id": owner,
        "team_id": None,
        "name": "商机",
        "customer_id": None,
        "product_id": None,
        "stage": stage,
        "value": Money(amount=Decimal(amount), currency=currency) if amount else None,
        "engaged_on": None,
        "expected_close_on": None,
        "closed_on": None,
        "lost_reason": None,
        "external_refs": (),
    }
    return OpportunitySnapshot(**(AUTHORSHIP | values | more))


async def test_without_events_there_is_nothing_to_divide(client: httpx.AsyncClient) -> None:
    sales = (await client.get("/v1/reports/sales")).json()
    satisfaction = (await client.get("/v1/reports/satisfaction")).json()

    assert sales == {"as_of": None, "win_rate": None, "stages": [], "agents": []}
    assert (satisfaction["csat"], satisfaction["surveys_sent"], satisfaction["average_score"]) == (None, 0, None)


async def test_deals_are_summed_by_stage_and_agent_and_currency(
    client: httpx.AsyncClient, service: RunningService, reader: Caller
) -> None:
    wang, li = uuid4(), uuid4()
    person = UserSnapshot(
        id=wang,
        version=1,
        email="w@x.cn",
        name="王芳",
        team_id=None,
        roles=(),
        language="zh",
        active=True,
        **AUTHORSHIP,
    )
    won = deal(OpportunityStage.WON, "100.50", wang, version=2)
    await deliver(service, UserCreated(state=person), tenant_id=reader.tenant_id)
    events: list[OpportunityEvent] = [
        OpportunityCreated(state=won.model_copy(update={"version": 1, "stage": OpportunityStage.ENGAGING})),
        OpportunityWon(state=won),
        OpportunityWon(state=deal(OpportunityStage.WON, "200", wang)),
        OpportunityWon(state=deal(OpportunityStage.WON, "7", wang, currency="USD")),
        OpportunityLost(state=deal(OpportunityStage.LOST, "50", wang)),
        OpportunityCreated(state=deal(OpportunityStage.ENGAGING, None, li)),
    ]
    for event in events:
        await deliver(service, event, tenant_id=reader.tenant_id)
    await deliver(service, events[0], tenant_id=reader.tenant_id)

    report = (await client.get("/v1/reports/sales")).json()

    assert report["win_rate"] == 0.75
    assert report["stages"] == [
        {"stage": "engaging", "currency": None, "count": 1, "value": None},
        {"stage": "won", "currency": "CNY", "count": 2, "value": {"amount": "300.5", "currency": "CNY"}},
        {"stage": "won", "currency": "USD", "count": 1, "value": {"amount": "7", "currency": "USD"}},
        {"stage": "lost", "currency": "CNY", "count": 1, "value": {"amount": "50", "currency": "CNY"}},
    ]
    assert report["agents"][0] == {
        "agent_id": str(wang),
        "agent": "王芳",
        "currency": "CNY",
        "open": 0,
        "won": 2,
        "lost": 1,
        "won_value": {"amount": "300.5", "currency": "CNY"},
        "win_rate": 0.6667,
    }
    assert report["agents"][2] | {"agent_id": IsUUID()} == {
        "agent_id": str(li),
        "agent": None,
        "currency": None,
        "open": 1,
        "won": 0,
        "lost": 0,
        "won_value": None,
        "win_rate": None,
    }


def accepted(customer: UUID, *, on_time: bool, submissions: int) -> DeliveryCompleted:
    required = (name for name, field in DeliverySnapshot.model_fields.items() if field.is_required())
    values: dict[str, Any] = dict.fromkeys(required) | AUTHORSHIP
    values |= {"id": uuid4(), "version": 3, "project_id": uuid4(), "customer_id": customer, "name": "验收"}
    values |= {"acceptance_criteria": (), "status": DeliveryStatus.ACCEPTED, "due_on": date(2026, 3, 1)}
    values |= {"on_time": on_time, "submissions": submissions}
    return DeliveryCompleted(state=DeliverySnapshot(**values))


def survey(customer: UUID, score: int | None) -> SurveySent | SurveyAnswered:
    values: dict[str, Any] = dict.fromkeys(SurveySnapshot.model_fields) | AUTHORSHIP
    values |= {"id": uuid4(), "version": 1, "customer_id": customer, "sent_at": datetime(2026, 1, 1, tzinfo=UTC)}
    values |= {"status": SurveyStatus.ANSWERED if score else SurveyStatus.SENT, "score": score}
    state = SurveySnapshot(**values)
    return SurveyAnswered(state=state) if score else SurveySent(state=state)


async def test_rates_of_deliveries_and_answers(
    client: httpx.AsyncClient, service: RunningService, reader: Caller
) -> None:
    customer = uuid4()
    for on_time, submissions in ((True, 1), (False, 2), (True, 2), (True, 1)):
        event = accepted(customer, on_time=on_time, submissions=submissions)
        await deliver(service, event, tenant_id=reader.tenant_id)
    for score in (5, 4, 2, None):
        await deliver(service, survey(customer, score), tenant_id=reader.tenant_id)

    deliveries = (await client.get("/v1/reports/deliveries")).json()
    satisfaction = (await client.get("/v1/reports/satisfaction")).json()
    one = (await client.get(f"/v1/reports/customers/{customer}")).json()

    assert {name: deliveries[name] for name in ("accepted", "on_time", "on_time_rate", "first_time_right_rate")} == {
        "accepted": 4,
        "on_time": 3,
        "on_time_rate": 0.75,
        "first_time_right_rate": 0.5,
    }
    assert {name: satisfaction[name] for name in ("surveys_sent", "surveys_answered", "csat", "average_score")} == {
        "surveys_sent": 4,
        "surveys_answered": 3,
        "csat": 0.6667,
        "average_score": 3.6667,
    }
    assert (one["deliveries_accepted"], one["on_time_rate"], one["csat"], one["won_value"]) == (4, 0.75, 0.6667, [])


async def test_figures_count_only_what_the_caller_may_see(service: RunningService, reader: Caller) -> None:
    team = uuid4()
    me = colleague(reader, visibility="own")
    boss = colleague(reader, visibility="team", team_ids=[team])
    for owner, of_team in ((me.id, None), (uuid4(), team), (uuid4(), uuid4())):
        state = deal(OpportunityStage.WON, "1", owner, team_id=of_team)
        await deliver(service, OpportunityWon(state=state), tenant_id=reader.tenant_id)

    counts = {}
    for name, who in {"all": reader, "own": me, "team": boss, "stranger": caller("reports:read")}.items():
        async with service.as_(who) as client:
            report = (await client.get("/v1/reports/sales")).json()
            counts[name] = sum(stage["count"] for stage in report["stages"])

    assert counts == {"all": 3, "own": 1, "team": 1, "stranger": 0}
