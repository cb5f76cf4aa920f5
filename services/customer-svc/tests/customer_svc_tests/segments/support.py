"""Segments at work: events of other services as they arrive, members, and what was told of them."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import orjson
from sqlalchemy import select

from crm_contracts.base import DomainEvent, Money
from crm_contracts.sales.v1 import (
    OpportunityCreated,
    OpportunitySnapshot,
    OpportunityStage,
    OrderPlaced,
    OrderSnapshot,
    OrderStatus,
)
from crm_contracts.service_desk.v1 import (
    SurveyAnswered,
    SurveySnapshot,
    SurveyStatus,
    TicketKind,
    TicketOpened,
    TicketPriority,
    TicketSnapshot,
    TicketStatus,
)
from crm_platform.cel import compile_filter
from crm_platform.db import Query
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from customer_svc.customers.models import customers
from customer_svc.segments.models import FIELDS

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


def _state(snapshot: type[Any], **values: Any) -> Any:
    fields: dict[str, Any] = {name: None for name, info in snapshot.model_fields.items() if info.is_required()}
    fields |= {"id": new_id(), "version": 1, "created_at": LONG_AGO, "created_by": "user:x", "updated_at": LONG_AGO}
    return snapshot.model_validate(fields | {"updated_by": "user:x"} | values)


def order(customer_id: str | UUID, amount: str, ordered_on: date, currency: str = "CNY", **values: Any) -> OrderPlaced:
    total = Money(amount=Decimal(amount), currency=currency)
    told = {"number": "O-1", "opportunity_id": new_id(), "total": total, "status": OrderStatus.OPEN}
    paid = Money(amount=Decimal(0), currency=currency)
    known = {"customer_id": customer_id, "ordered_on": ordered_on, "paid": paid}
    return OrderPlaced(state=_state(OrderSnapshot, **told, **known, **values))


def opportunity(customer_id: str | UUID | None, stage: str = "prospecting", **values: Any) -> OpportunityCreated:
    told = {"name": "二期", "customer_id": customer_id, "stage": OpportunityStage(stage), "external_refs": ()}
    return OpportunityCreated(state=_state(OpportunitySnapshot, **told | values))


def ticket(customer_id: str | UUID, status: str = "new", **values: Any) -> TicketOpened:
    told = {"number": "TK-1", "kind": TicketKind.INCIDENT, "priority": TicketPriority.NORMAL, "subject": "?"}
    known = {"customer_id": customer_id, "status": TicketStatus(status), "in_service_period": False}
    return TicketOpened(state=_state(TicketSnapshot, **told, **known, **values))


def survey(customer_id: str | UUID, score: int | None, **values: Any) -> SurveyAnswered:
    told = {"status": SurveyStatus.ANSWERED, "sent_at": LONG_AGO, "score": score}
    return SurveyAnswered(state=_state(SurveySnapshot, customer_id=customer_id, **told, **values))


def later(event: DomainEvent[Any], **values: Any) -> DomainEvent[Any]:
    """The same record at its next version."""
    state = event.state
    state = type(state).model_validate({**state.model_dump(), "version": state.version + 1, **values})
    return event.model_copy(update={"state": state})


async def posted(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def patched(client: httpx.AsyncClient, path: str, record: dict[str, Any], **body: Any) -> dict[str, Any]:
    headers = {"if-match": f'"{record["version"]}"'}
    answer = await client.patch(f"/v1/{path}/{record['id']}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def names(client: httpx.AsyncClient, path: str, **params: str) -> list[str]:
    """Names of the customers in a list, in order."""
    answer = await client.get(f"/v1/{path}", params={"sort": "name", "fields": "name", **params})
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def settled(client: httpx.AsyncClient, segment: dict[str, Any]) -> dict[str, Any]:
    """The segment, once all customers were looked at for its present expression."""

    async def current() -> dict[str, Any] | None:
        found: dict[str, Any] = (await client.get(f"/v1/segments/{segment['id']}")).json()
        return found if found["status"] == "current" else None

    found = await until(current, seconds=60)
    assert found is not None
    return found


async def becomes(client: httpx.AsyncClient, segment: dict[str, Any], *expected: str) -> None:
    """Wait until these are the members of a segment, by name."""
    found: list[str] = []

    async def reached() -> bool:
        found[:] = await names(client, f"segments/{segment['id']}/members")
        return found == sorted(expected)

    await until(reached, seconds=60, why=lambda: (found, expected))


async def moves(service: RunningService, segment: dict[str, Any]) -> list[tuple[str, str]]:
    """Who entered and who left a segment, by id, as it was told."""
    rows = await service.sql("SELECT type, payload FROM outbox WHERE topic = 'crm.segment_member.v1' ORDER BY id")
    states = [(row["type"], orjson.loads(row["payload"])["state"]) for row in rows]
    return [
        (kind.removeprefix("segment.member_"), state["customer_id"])
        for kind, state in states
        if state["segment_id"] == segment["id"]
    ]


async def members(service: RunningService, segment_id: str) -> set[UUID]:
    """The members that are kept of a segment."""
    rows = await service.sql(
        "SELECT customer_id FROM segment_members WHERE segment_id = $1 AND member", UUID(segment_id)
    )
    return {row["customer_id"] for row in rows}


async def fitting(service: RunningService, tenant_id: UUID, expression: str) -> set[UUID]:
    """The customers of whom an expression is true, by a full evaluation in the database."""
    chosen = compile_filter(expression, FIELDS)
    query = Query(select(customers.c.id).where(customers.c.tenant_id == tenant_id, chosen.condition()))
    return {row["id"] for row in await service.sql(query.text, *query.bind(chosen.values))}


async def check_told(service: RunningService) -> None:
    """Of each membership it was told alternately that it began and ended, and at last how it is."""
    rows = await service.sql(
        "SELECT type, aggregate_id, version, payload FROM outbox WHERE topic = $1 ORDER BY id", "crm.segment_member.v1"
    )
    told: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for row in rows:
        told[row["aggregate_id"]].append((row["type"].removeprefix("segment.member_"), row["version"]))
    kept = {row["id"]: row for row in await service.sql("SELECT id, member, version FROM segment_members")}
    assert told.keys() == kept.keys()
    for id, events in told.items():
        expected = [("left" if number % 2 else "entered", number + 1) for number in range(len(events))]
        assert events == expected
        assert (kept[id]["member"], kept[id]["version"]) == (events[-1][0] == "entered", len(events))
