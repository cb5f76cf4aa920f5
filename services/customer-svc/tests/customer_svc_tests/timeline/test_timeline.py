"""One list of what happened with a customer, made of everybody's events."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from crm_contracts.base import DomainEvent, Money
from crm_contracts.communication.v1 import (
    CommunicationKind,
    CommunicationRecorded,
    CommunicationSnapshot,
    CommunicationUpdated,
)
from crm_contracts.registry import EVENTS
from crm_contracts.sales.v1 import (
    OpportunityCreated,
    OpportunitySnapshot,
    OpportunityStage,
    OpportunityUpdated,
    OpportunityWon,
    OrderPaymentReceived,
    OrderPlaced,
    OrderSnapshot,
    OrderStatus,
)
from crm_contracts.service_desk.v1 import (
    SurveyAnswered,
    SurveySnapshot,
    SurveyStatus,
    TicketAssigned,
    TicketKind,
    TicketOpened,
    TicketPriority,
    TicketSnapshot,
    TicketStatus,
)
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until
from customer_svc.timeline.domain import HAPPENINGS, SCOPES, EntryKind, entry_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CNY = "CNY"
Tell = Callable[..., Awaitable[None]]


def _told(at: datetime, version: int = 1, owner: UUID | None = None, **values: Any) -> dict[str, Any]:
    known = {"id": uuid4(), "version": version, "owner_id": owner, "team_id": None}
    written = {"created_at": NOON, "created_by": "user:1", "updated_at": at, "updated_by": "user:2"}
    return {**known, **written, **values}


def opportunity(customer: str | None, at: datetime, **values: Any) -> OpportunitySnapshot:
    empty = dict.fromkeys(("product_id", "engaged_on", "expected_close_on", "closed_on", "lost_reason"))
    known = {"name": "扩容", "stage": OpportunityStage.PROSPECTING, "value": None, "external_refs": ()}
    return OpportunitySnapshot(**_told(at, customer_id=customer, **{**empty, **known, **values}))


def order(customer: str, at: datetime, **values: Any) -> OrderSnapshot:
    money = {"total": Money(amount="100", currency=CNY), "paid": Money(amount="0", currency=CNY)}
    known = {"number": "SO-1", "opportunity_id": uuid4(), "product_id": None, "ordered_on": date(2026, 3, 2)}
    return OrderSnapshot(
        **_told(at, customer_id=customer, **{**known, **money, "status": OrderStatus.OPEN, "paid_at": None, **values})
    )


def ticket(customer: str, at: datetime, **values: Any) -> TicketSnapshot:
    empty = dict.fromkeys(("project_id", "description", "assignee_id", "assigned_at", "resolved_at", "resolution"))
    known = {
        "number": "TK-1",
        "kind": TicketKind.COMPLAINT,
        "priority": TicketPriority.HIGH,
        "subject": "漏水",
        "status": TicketStatus.NEW,
        "in_service_period": False,
    }
    return TicketSnapshot(**_told(at, customer_id=customer, **{**empty, **known, **values}))


@pytest.fixture
def tell(service: RunningService, agent: Caller) -> Tell:
    """Hand events over one after the other, each of them twice."""

    async def told(*events: DomainEvent[Any], **how: Any) -> None:
        for event in events:
            for _ in range(2):
                await deliver(service, event, tenant_id=agent.tenant_id, **how)

    return told


async def customer(client: httpx.AsyncClient, **values: Any) -> str:
    answer = await client.post("/v1/customers", json={"name": "观心", **values})
    return str(answer.json()["id"])


async def timeline(client: httpx.AsyncClient, id: str, **parameters: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/customers/{id}/timeline", params=parameters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def types(items: list[dict[str, Any]]) -> list[str]:
    return [item["type"] for item in items]


async def test_what_other_services_tell_is_listed_newest_first_and_once(client: httpx.AsyncClient, tell: Tell) -> None:
    id, hour = await customer(client), timedelta(hours=1)
    deal = opportunity(id, NOON)
    won = deal.model_copy(update={"version": 2, "stage": OpportunityStage.WON, "updated_at": NOON + hour})
    placed = order(id, NOON + 2 * hour)
    part = {"version": 2, "status": OrderStatus.PARTLY_PAID, "updated_at": NOON + 3 * hour}
    paid = placed.model_copy(update={**part, "paid": Money(amount="40", currency=CNY)})
    answered = SurveySnapshot(
        **_told(NOON + 5 * hour, customer_id=id, project_id=None, delivery_id=None, status=SurveyStatus.ANSWERED),
        sent_at=NOON,
        answered_at=NOON + 5 * hour,
        score=4,
        comment=None,
    )
    await tell(
        OpportunityCreated(state=deal),
        OpportunityWon(state=won),
        OrderPlaced(state=placed),
        OrderPaymentReceived(state=paid),
        TicketOpened(state=(opened := ticket(id, NOON + 4 * hour))),
        TicketAssigned(state=opened.model_copy(update={"version": 2, "status": TicketStatus.ASSIGNED})),
        SurveyAnswered(state=answered),
    )
    items = await timeline(client, id)

    assert [(item["type"], item["kind"], item["title"]) for item in items] == [
        ("survey.answered", "survey", ""),
        ("ticket.opened", "ticket", "TK-1 漏水"),
        ("order.payment_received", "payment", "SO-1"),
        ("order.placed", "order", "SO-1"),
        ("opportunity.won", "opportunity", "扩容"),
        ("opportunity.created", "opportunity", "扩容"),
    ]
    assert items[2]["facts"] == {
        "status": "partly_paid",
        "total": {"amount": "100", "currency": CNY},
        "paid": {"amount": "40", "currency": CNY},
    }
    assert (items[4]["actor"], items[4]["source_type"], items[4]["source_id"]) == (
        "user:2",
        "opportunity",
        str(deal.id),
    )
    assert items[4]["happened_at"] == "2026-03-02T13:00:00+00:00"
    assert types(await timeline(client, id, filter="kind in ['order', 'payment']")) == types(items[2:4])


async def test_pages_are_cut_by_keyset(client: httpx.AsyncClient, tell: Tell) -> None:
    id = await customer(client)
    deals = [opportunity(id, NOON, name=str(number)) for number in range(5)]
    await tell(*(OpportunityCreated(state=deal) for deal in deals))
    met: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        parameters = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await client.get(f"/v1/customers/{id}/timeline", params=parameters)).json()
        met += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert (sorted(met), cursor) == (["0", "1", "2", "3", "4"], None)


async def test_late_and_corrected_communications_are_one_entry(client: httpx.AsyncClient, tell: Tell) -> None:
    id = await customer(client)
    said = CommunicationSnapshot(
        **_told(NOON, customer_id=id),
        kind=CommunicationKind.CALL,
        subject="询价",
        content=None,
        happened_at=NOON - timedelta(days=1),
        duration_minutes=None,
        participants=(),
        external_refs=(),
    )
    corrected = said.model_copy(update={"version": 2, "subject": "报价"})
    await tell(CommunicationUpdated(state=corrected), CommunicationRecorded(state=said))
    (item,) = await timeline(client, id)
    assert (item["type"], item["title"], item["actor"]) == ("communication.recorded", "报价", "user:1")
    assert item["happened_at"] == "2026-03-01T12:00:00+00:00"


async def test_entries_follow_their_record_to_another_customer(client: httpx.AsyncClient, tell: Tell) -> None:
    first, second = await customer(client), await customer(client)
    deal = opportunity(None, NOON)
    moved = deal.model_copy(update={"version": 2, "customer_id": UUID(first)})
    again = deal.model_copy(update={"version": 3, "customer_id": UUID(second)})
    await tell(OpportunityCreated(state=deal), OpportunityUpdated(state=moved))
    assert types(await timeline(client, first)) == ["opportunity.created"]
    await tell(OpportunityUpdated(state=again))
    assert (types(await timeline(client, first)), types(await timeline(client, second))) == (
        [],
        ["opportunity.created"],
    )


async def test_an_entry_is_shown_to_whoever_could_read_its_record(
    service: RunningService, client: httpx.AsyncClient, agent: Caller, tell: Tell
) -> None:
    seller = replace(caller(), tenant_id=agent.tenant_id, visibility="own")
    desk = replace(seller, scopes=frozenset({"customers:read", "tickets:read"}))
    id = await customer(client, owner_id=str(seller.id))
    await tell(
        OpportunityCreated(state=opportunity(id, NOON, owner_id=seller.id)),
        OpportunityCreated(state=opportunity(id, NOON, owner_id=uuid4())),
        TicketOpened(state=(mine := ticket(id, NOON + timedelta(1), owner_id=seller.id))),
    )
    seen = {}
    for name, who in {"seller": seller, "desk": desk, "all": agent}.items():
        async with service.as_(who) as other:
            seen[name] = types(await timeline(other, id))
    assert seen == {
        "seller": ["ticket.opened", "opportunity.created"],
        "desk": ["ticket.opened"],
        "all": ["ticket.opened", "opportunity.created", "opportunity.created"],
    }
    await tell(TicketAssigned(state=mine.model_copy(update={"version": 2, "owner_id": uuid4()})))
    async with service.as_(desk) as other:
        assert await timeline(other, id) == []


async def test_a_customer_that_is_not_seen_has_no_timeline(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    id = await customer(client)
    for who in (replace(caller(), tenant_id=agent.tenant_id, visibility="own"), caller()):
        async with service.as_(who) as other:
            answer = await other.get(f"/v1/customers/{id}/timeline")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_snapshot_stands_for_a_history_that_nobody_sends_any_more(
    client: httpx.AsyncClient, tell: Tell
) -> None:
    id = await customer(client)
    won = opportunity(id, NOON, version=7, stage=OpportunityStage.WON)
    await tell(OpportunityCreated(state=won), snapshot=True)
    assert types(await timeline(client, id)) == ["opportunity.won"]
    known = opportunity(id, NOON + timedelta(1))
    await tell(OpportunityCreated(state=known))
    await tell(OpportunityCreated(state=known.model_copy(update={"version": 2})), snapshot=True)
    assert types(await timeline(client, id)) == ["opportunity.created", "opportunity.won"]


async def test_the_timeline_ends_with_its_customer(
    service: RunningService, client: httpx.AsyncClient, start_worker: StartWorker
) -> None:
    id = await customer(client)
    await start_worker(service)
    await until(lambda: _entries(service))
    assert types(await timeline(client, id)) == ["customer.created"]
    assert (await client.delete(f"/v1/customers/{id}", headers={"if-match": '"1"'})).status_code == 204

    async def none_left() -> bool:
        return await _entries(service) == []

    await until(none_left)


async def _entries(service: RunningService) -> list[Any]:
    return await service.sql("SELECT id FROM timeline_entries")


def test_every_happening_is_an_event_and_every_kind_has_a_scope() -> None:
    told = {name for how in HAPPENINGS.values() for name in (*how.events, *([how.current] if how.current else []))}
    assert told <= EVENTS.keys()
    assert SCOPES.keys() == set(EntryKind)
    assert {EVENTS[name].aggregate_type for name in told} == HAPPENINGS.keys()


@pytest.mark.parametrize("stage", OpportunityStage)
def test_every_state_of_a_deal_that_comes_as_a_snapshot_is_told(stage: OpportunityStage) -> None:
    entry = entry_of(OpportunityCreated(state=opportunity(str(uuid4()), NOON, stage=stage)), snapshot=True)
    assert entry is not None
    assert entry.type in {"opportunity.created", "opportunity.engaged", "opportunity.won", "opportunity.lost"}
