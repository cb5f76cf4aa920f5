import asyncio
from uuid import uuid4

import httpx
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from sales_svc_tests.support import USD_100, at, moved, posted, told, won

CUSTOMER = str(uuid4())


async def test_a_won_opportunity_becomes_an_order(client: httpx.AsyncClient, agent: Caller) -> None:
    team = str(uuid4())
    product = await posted(client, "/v1/products", {"code": "GTX-1", "name": "网关", "list_price": USD_100})
    opportunity = await won(client, CUSTOMER, USD_100, product_id=product["id"], owner_id=str(agent.id), team_id=team)

    wanted = {"filter": f"opportunity_id == '{opportunity['id']}' && status == 'open'", "sort": "-ordered_on"}
    (order,) = (await client.get("/v1/orders", params=wanted)).json()["items"]

    assert order == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": order["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": team,
        "number": "SO-2026-000001",
        "opportunity_id": opportunity["id"],
        "customer_id": CUSTOMER,
        "product_id": product["id"],
        "ordered_on": "2026-02-10",
        "total": USD_100,
        "paid": {"amount": "0", "currency": "USD"},
        "status": "open",
        "paid_at": None,
    }
    shown = await client.get(f"/v1/orders/{order['id']}")
    assert (shown.json(), shown.headers["etag"]) == (order, '"1"')


async def test_an_order_over_nothing_is_paid_at_once(client: httpx.AsyncClient, service: RunningService) -> None:
    await won(client, CUSTOMER, {"amount": "0", "currency": "CNY"})

    (order,) = (await client.get("/v1/orders")).json()["items"]

    assert (order["status"], order["paid_at"], order["paid"]) == ("paid", order["created_at"], order["total"])
    assert (await told(service))[-1] == ("order.placed", 1)


async def test_orders_are_numbered_by_tenant_and_year_without_gaps(service: RunningService, agent: Caller) -> None:
    stranger = caller()
    async with service.as_(agent) as ours, service.as_(stranger) as theirs:
        for client in (ours, theirs, ours):
            await won(client, CUSTOMER, USD_100)
        opportunity = await posted(ours, "/v1/opportunities", {"name": "Deal"})
        opportunity = await moved(ours, opportunity, "engage", {"engaged_on": "2026-01-05"})
        refused = await ours.post(
            f"/v1/opportunities/{opportunity['id']}/win", json={"closed_on": "2026-02-10"}, headers=at(2)
        )
        await won(ours, CUSTOMER, USD_100)

    assert refused.status_code == 409
    rows = await service.sql("SELECT tenant_id, number FROM orders ORDER BY number")
    assert [row["number"] for row in rows if row["tenant_id"] == agent.tenant_id] == [
        "SO-2026-000001",
        "SO-2026-000002",
        "SO-2026-000003",
    ]
    assert [row["number"] for row in rows if row["tenant_id"] == stranger.tenant_id] == ["SO-2026-000001"]


async def test_deals_won_at_the_same_time_get_different_numbers(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    opportunities = []
    for number in range(12):
        body = {"name": f"Deal {number}", "customer_id": CUSTOMER, "value": USD_100}
        opportunity = await posted(client, "/v1/opportunities", body)
        opportunities.append(await moved(client, opportunity, "engage", {"engaged_on": "2026-01-05"}))

    async with asyncio.TaskGroup() as group:
        for opportunity in opportunities:
            group.create_task(moved(client, opportunity, "win", {"closed_on": "2026-02-10"}))

    rows = await service.sql("SELECT number FROM orders ORDER BY number")
    assert [row["number"] for row in rows] == [f"SO-2026-{number:06d}" for number in range(1, 13)]
