"""Memberships that are kept customer by customer are those that a full evaluation finds, whatever arrives and how."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_contracts.base import DomainEvent
from crm_contracts.registry import EVENTS
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until
from customer_svc.customer_changes.consumers import projections
from customer_svc_tests.segments.support import (
    check_told,
    fitting,
    later,
    members,
    opportunity,
    order,
    patched,
    posted,
    settled,
    survey,
    ticket,
)

EXPRESSIONS = (
    "grade == 'A'",
    "grade != 'A' && '重点' in tags",
    "facts.open_tickets > 0 || facts.satisfaction < 3",
    "facts.orders_value.amount >= 500 && facts.orders_value.currency == 'CNY'",
    "has(grade) ? facts.open_opportunities > 0 : facts.orders == 0",
    "now() - facts.last_order_at < duration('876000h') && status == 'prospect'",
)
GRADES = ("A", "B", None)
KINDS = tuple(sorted({event.type for one in projections() for event in one.events if event.topic.endswith(".v1")}))


@dataclass
class Company:
    """Customers, and what other services know of them, changed at random."""

    client: httpx.AsyncClient
    chance: random.Random
    customers: list[dict[str, Any]] = field(default_factory=list)
    records: list[DomainEvent[Any]] = field(default_factory=list)
    told: list[DomainEvent[Any]] = field(default_factory=list)
    """Events of other services, in the order of each record."""

    async def step(self) -> None:
        """Something happens."""
        if not self.customers:
            await self._enter()
            return
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            self._enter, self._grade, self._grade, self._tag, self._tell, self._tell, self._correct, self._remove
        )  # fmt: skip
        await self.chance.choice(steps)()

    async def _enter(self) -> None:
        name = f"客户{len(self.customers)}"
        self.customers.append(await posted(self.client, "customers", name=name, grade=self.chance.choice(GRADES)))

    async def _grade(self) -> None:
        await self._change(grade=self.chance.choice(GRADES))

    async def _tag(self) -> None:
        await self._change(tags=self.chance.choice((["重点"], ["重点", "上海"], [])))

    async def _change(self, **fields: Any) -> None:
        number = self.chance.randrange(len(self.customers))
        self.customers[number] = await patched(self.client, "customers", self.customers[number], **fields)

    async def _tell(self) -> None:
        id = self.chance.choice(self.customers)["id"]
        event = self.chance.choice(
            (
                order(id, self.chance.choice(("100", "600")), date(2026, self.chance.randint(1, 12), 1),
                      self.chance.choice(("CNY", "USD"))),
                ticket(id),
                survey(id, self.chance.choice((1, 5, None))),
                opportunity(self.chance.choice((id, None))),
            )
        )  # fmt: skip
        self.records.append(event)
        self.told.append(event)

    async def _correct(self) -> None:
        if not self.records:
            return
        number = self.chance.randrange(len(self.records))
        changes: dict[str, Any] = {"customer_id": self.chance.choice(self.customers)["id"]}
        if self.records[number].aggregate_type == "ticket":
            changes["status"] = self.chance.choice(("new", "resolved"))
        self.records[number] = later(self.records[number], **changes)
        self.told.append(self.records[number])

    async def _remove(self) -> None:
        if len(self.customers) < 3 or self.chance.random() < 0.7:
            return
        gone = self.customers.pop(self.chance.randrange(len(self.customers)))
        headers = {"if-match": f'"{gone["version"]}"'}
        answer = await self.client.delete(f"/v1/customers/{gone['id']}", headers=headers)
        assert answer.status_code == 204, answer.text


async def own_events(service: RunningService, tenant_id: UUID, after: int) -> tuple[list[DomainEvent[Any]], int]:
    """What this service told itself after a place in its outbox."""
    rows = await service.sql(
        "SELECT id, type, payload FROM outbox WHERE id > $1 AND tenant_id = $2 AND type = ANY ($3) ORDER BY id",
        after,
        tenant_id,
        list(KINDS),
    )
    return [EVENTS[row["type"]].parse(row["payload"]) for row in rows], rows[-1]["id"] if rows else after


async def check(service: RunningService, tenant_id: UUID, segments: list[dict[str, Any]]) -> None:
    for segment in segments:
        assert await members(service, segment["id"]) == await fitting(service, tenant_id, segment["expression"])
    await check_told(service)


@pytest.fixture
async def made(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Segments that have seen no customer yet."""
    return [
        await posted(client, "segments", name=f"分群{number}", expression=text)
        for number, text in enumerate(EXPRESSIONS)
    ]


# The database goes on from example to example: each is more of the same company's history.
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1))
async def test_events_in_any_order_and_number_leave_what_a_full_evaluation_finds(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, made: list[dict[str, Any]], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    company, place = Company(client, chance), 0
    for _ in range(3):
        for _ in range(chance.randint(1, 8)):
            await company.step()
        own, place = await own_events(service, agent.tenant_id, place)
        pending = [*own, *company.told]
        company.told.clear()
        # Late, in any order, some more than once: each handler looks at what is, not at what it is told.
        pending += chance.choices(pending, k=len(pending) // 2) if pending else []
        chance.shuffle(pending)
        for start in range(0, len(pending), 2):
            pair = pending[start : start + 2]
            await asyncio.gather(*(deliver(service, event, tenant_id=agent.tenant_id) for event in pair))
    await check(service, agent.tenant_id, made)


async def reworded(client: httpx.AsyncClient, segment: dict[str, Any], expression: str) -> dict[str, Any]:
    """The segment with another expression, also where a worker counts its members at the same time."""
    path = f"/v1/segments/{segment['id']}"

    async def changed() -> dict[str, Any] | None:
        version = (await client.get(path)).json()["version"]
        answer = await client.patch(path, json={"expression": expression}, headers={"if-match": f'"{version}"'})
        assert answer.status_code in {200, 412}, answer.text
        return answer.json() if answer.is_success else None

    return await until(changed)


async def test_two_workers_and_changing_expressions_leave_what_a_full_evaluation_finds(
    client: httpx.AsyncClient,
    service: RunningService,
    start_worker: StartWorker,
    agent: Caller,
    made: list[dict[str, Any]],
) -> None:
    company = Company(client, random.Random(4))  # noqa: S311 - not for secrets
    for _ in range(2):
        await start_worker(service)
    for number in range(60):
        await company.step()
        if number % 20 == 10:
            made[0] = await reworded(client, made[0], f"grade == '{'AB'[number % 3 % 2]}'")
        for event in company.told:
            await deliver(service, event, tenant_id=agent.tenant_id)
        company.told.clear()
    made = [await settled(client, segment) for segment in made]

    async def agree() -> bool:
        found = [
            await members(service, one["id"]) == await fitting(service, agent.tenant_id, one["expression"])
            for one in made
        ]
        return all(found)

    await until(agree, seconds=90)
    await check(service, agent.tenant_id, made)
    assert any([await members(service, one["id"]) for one in made])
    assert await service.sql("SELECT type, reason FROM dead_letter") == []


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE segment_members SET member = false WHERE id = (SELECT min(id::text)::uuid FROM segment_members)",
        "UPDATE segment_members SET version = version + 1",
        "DELETE FROM segment_members",
        "UPDATE customers SET grade = 'A'",
    ],
)
async def test_the_check_notices_what_is_wrong(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, made: list[dict[str, Any]], harm: str
) -> None:
    await posted(client, "customers", name="甲", grade="B", tags=["重点"])
    own, _ = await own_events(service, agent.tenant_id, 0)
    for event in own:
        await deliver(service, event, tenant_id=agent.tenant_id)
    await check(service, agent.tenant_id, made)

    await service.sql(harm)

    with pytest.raises(AssertionError):
        await check(service, agent.tenant_id, made)
