"""Opportunities and orders follow their customers into merges and back, in whatever order the events come."""

from typing import Any
from uuid import UUID

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import caller
from crm_platform.testing.merges import told
from crm_platform.testing.plugin import RunningService, deliver


async def opportunity(client: httpx.AsyncClient, customer_id: UUID, **members: Any) -> dict[str, Any]:
    answer = await client.post("/v1/opportunities", json={"name": "deal", "customer_id": str(customer_id), **members})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def whose(service: RunningService, table: str = "opportunities") -> dict[str, UUID]:
    rows = await service.sql(f"SELECT id::text, customer_id FROM {table}")
    return {row[0]: row[1] for row in rows}


async def test_records_follow_and_go_back_once(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    kept, gone, merge_id = new_id(), new_id(), new_id()
    ours = await opportunity(client, gone, value={"amount": "10", "currency": "CNY"})
    other = await opportunity(client, kept)
    for action, body in (("engage", {"engaged_on": "2026-03-01"}), ("win", {"closed_on": "2026-03-02"})):
        path = f"/v1/opportunities/{ours['id']}"
        version = (await client.get(path)).json()["version"]
        answer = await client.post(f"{path}/{action}", json=body, headers={"if-match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
    before = len(await service.sql("SELECT 1 FROM outbox"))

    for _ in range(2):
        await deliver(service, told(merge_id, kept, gone), tenant_id=agent.tenant_id)
    assert await whose(service) == {ours["id"]: kept, other["id"]: kept}
    assert set((await whose(service, "orders")).values()) == {kept}
    late = await opportunity(client, gone)
    assert late["customer_id"] == str(kept)
    for _ in range(2):
        await deliver(service, told(merge_id, kept, gone, undone=True), tenant_id=agent.tenant_id)

    assert await whose(service) == {ours["id"]: gone, other["id"]: kept, late["id"]: kept}
    assert set((await whose(service, "orders")).values()) == {gone}
    rows = await service.sql("SELECT type FROM outbox ORDER BY id")
    expected = ["opportunity.updated", "order.moved"]
    assert [row["type"] for row in rows][before:] == [*expected, "opportunity.created", *expected]


async def test_what_was_given_to_another_customer_since_stays_there(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    kept, gone, third, merge_id = new_id(), new_id(), new_id(), new_id()
    ours = await opportunity(client, gone)
    await deliver(service, told(merge_id, kept, gone), tenant_id=agent.tenant_id)
    path, body = f"/v1/opportunities/{ours['id']}", {"customer_id": str(third)}
    assert (await client.patch(path, json=body, headers={"if-match": '"2"'})).status_code == 200

    await deliver(service, told(merge_id, kept, gone, undone=True), tenant_id=agent.tenant_id)

    assert await whose(service) == {ours["id"]: third}


async def test_another_company_is_not_concerned(service: RunningService, client: httpx.AsyncClient) -> None:
    kept, gone = new_id(), new_id()
    ours = await opportunity(client, gone)

    await deliver(service, told(new_id(), kept, gone), tenant_id=new_id())

    assert await whose(service) == {ours["id"]: gone}


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[tuple[int, int, int, bool]], list[int]]:
    """Merges of four customers and their undoing, as they can happen, and the order in which they arrive.

    Returns:
        Steps (number of the merge, survivor, absorbed, whether undone), and the places of the steps in that order.
    """
    there, active, steps = {0, 1, 2, 3}, list[tuple[int, int, int]](), list[tuple[int, int, int, bool]]()
    for number in range(draw(st.integers(1, 5))):
        undoable = [one for one in active if one[1] in there]
        if undoable and (len(there) == 1 or draw(st.booleans())):
            one = draw(st.sampled_from(undoable))
            active.remove(one)
            there.add(one[2])
            steps.append((*one, True))
        else:
            survivor, absorbed = draw(st.permutations(sorted(there)))[:2]
            there.remove(absorbed)
            active.append((number, survivor, absorbed))
            steps.append((number, survivor, absorbed, False))
    waiting = list(range(len(steps)))
    arriving: list[int] = []
    while waiting:  # one merge's own events come in order
        first = [at for at in waiting if all(steps[at][0] != steps[one][0] for one in waiting if one < at)]
        arriving.append(draw(st.sampled_from(first)))
        waiting.remove(arriving[-1])
    return steps, arriving


@given(history=histories())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_order_of_arrival_does_not_matter(
    service: RunningService, history: tuple[list[tuple[int, int, int, bool]], list[int]]
) -> None:
    steps, arriving = history
    who = caller()
    customers = [new_id() for _ in range(4)]
    merges = sorted(new_id() for _ in range(5))
    async with service.as_(who) as client:
        made = [(await opportunity(client, customer))["id"] for customer in customers]
    for at in arriving:
        number, survivor, absorbed, undone = steps[at]
        event = told(merges[number], customers[survivor], customers[absorbed], undone=undone)
        await deliver(service, event, tenant_id=who.tenant_id)

    undone_ones = {number for number, _, _, undone in steps if undone}
    stands = {absorbed: survivor for number, survivor, absorbed, _ in steps if number not in undone_ones}

    def last(customer: int) -> int:
        return last(stands[customer]) if customer in stands else customer

    found = await whose(service)
    assert [found[id] for id in made] == [customers[last(number)] for number in range(4)]
