from typing import Any
from uuid import uuid4

import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from sales_svc_tests.support import USD_100, at, moved, posted, told

CUSTOMER = str(uuid4())
REF = {"system": "erp", "external_id": "O-1"}
PRODUCT = {"code": "GTX-1", "name": "网关", "list_price": USD_100}


async def in_stage(client: httpx.AsyncClient, stage: str, **fields: Any) -> dict[str, Any]:
    """An opportunity that has come to ``stage``."""
    body = {"name": "升级", "customer_id": CUSTOMER, "value": USD_100} | fields
    opportunity = await posted(client, "/v1/opportunities", body)
    if stage != "prospecting":
        opportunity = await moved(client, opportunity, "engage", {"engaged_on": "2026-01-05"})
    if stage in {"won", "lost"}:
        opportunity = await moved(client, opportunity, stage.replace("won", "win").replace("lost", "lose"), CLOSED)
    return opportunity


CLOSED = {"closed_on": "2026-02-10"}


async def test_a_new_opportunity_is_shown_as_it_was_entered(client: httpx.AsyncClient, agent: Caller) -> None:
    product = await posted(client, "/v1/products", PRODUCT)
    body = {
        "name": " 观心科技升级 ",
        "customer_id": CUSTOMER,
        "product_code": "GTX-1",
        "value": {"amount": "1054.50", "currency": "CNY"},
        "expected_close_on": "2026-06-30",
        "external_refs": [REF, REF],
    }

    answer = await client.post("/v1/opportunities", json=body)

    opportunity = answer.json()
    assert opportunity == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": opportunity["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
        "name": "观心科技升级",
        "customer_id": CUSTOMER,
        "product_id": product["id"],
        "stage": "prospecting",
        "value": {"amount": "1054.5", "currency": "CNY"},
        "engaged_on": None,
        "expected_close_on": "2026-06-30",
        "closed_on": None,
        "lost_reason": None,
        "external_refs": [REF],
        "customer_known": False,
    }
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert (await client.get(answer.headers["location"])).json() == opportunity
    wanted = {"filter": f"customer_id == '{CUSTOMER}' && value.amount > 1054 && stage == 'prospecting'"}
    assert (await client.get("/v1/opportunities", params=wanted)).json()["items"] == [opportunity]


async def test_a_deal_is_worked_until_it_is_won(client: httpx.AsyncClient, service: RunningService) -> None:
    opportunity = await posted(client, "/v1/opportunities", {"name": "升级", "customer_id": CUSTOMER})
    opportunity = await moved(client, opportunity, "engage", {"engaged_on": "2026-01-05", "reason": "首次拜访"})
    path = f"/v1/opportunities/{opportunity['id']}"
    edited = await client.patch(path, json={"engaged_on": "2026-01-06", "name": "扩容"}, headers=at(2))
    body = {"closed_on": "2026-02-10", "value": USD_100, "reason": "签约"}
    answer = await client.post(f"{path}/win", json=body, headers=at(3))

    assert edited.status_code == 200
    assert answer.json() == opportunity | {
        "version": 4,
        "updated_at": answer.json()["updated_at"],
        "name": "扩容",
        "stage": "won",
        "value": USD_100,
        "engaged_on": "2026-01-06",
        "closed_on": "2026-02-10",
    }
    assert await told(service) == [
        ("opportunity.created", 1),
        ("opportunity.engaged", 2),
        ("opportunity.updated", 3),
        ("opportunity.won", 4),
        ("order.placed", 1),
    ]
    reasons = await service.sql("SELECT reason FROM audit_entries ORDER BY id")
    assert [row["reason"] for row in reasons] == [None, "首次拜访", None, "签约", None]


async def test_a_lost_deal_keeps_the_reason_and_has_no_order(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    opportunity = await in_stage(client, "engaging")

    lost = await moved(client, opportunity, "lose", {"closed_on": "2026-02-10", "reason": "价格太高"})

    assert (lost["stage"], lost["lost_reason"], lost["closed_on"]) == ("lost", "价格太高", "2026-02-10")
    assert [event for event, _ in await told(service)][-1] == "opportunity.lost"
    assert await service.sql("SELECT 1 FROM orders") == []


@pytest.mark.parametrize("action", ["engage", "win", "lose"])
@pytest.mark.parametrize("stage", ["prospecting", "engaging", "won", "lost"])
async def test_every_action_in_every_stage(
    client: httpx.AsyncClient, service: RunningService, stage: str, action: str
) -> None:
    opportunity = await in_stage(client, stage)
    before = await told(service)
    body = {"engaged_on": "2026-01-05"} if action == "engage" else CLOSED
    legal = {("prospecting", "engage"): "engaging", ("engaging", "win"): "won", ("engaging", "lose"): "lost"}

    answer = await client.post(
        f"/v1/opportunities/{opportunity['id']}/{action}", json=body, headers=at(opportunity["version"])
    )

    if (stage, action) in legal:
        assert (answer.status_code, answer.json()["stage"]) == (200, legal[stage, action])
        assert len(await told(service)) == len(before) + (2 if action == "win" else 1)
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
        assert await told(service) == before


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"customer_id": None}, ("customer_required", "赢单前请先设置商机的客户。")),
        ({"value": None}, ("value_required", "请在赢单前或赢单时填写商机金额。")),
        (
            {"engaged_on": "2026-02-11"},
            ("closed_before_engaged", "商机不能在 2026-02-10 关闭：洽谈始于 2026-02-11。"),
        ),
    ],
)
async def test_winning_has_rules(
    client: httpx.AsyncClient, service: RunningService, change: dict[str, Any], refusal: tuple[str, str]
) -> None:
    path = f"/v1/opportunities/{(await in_stage(client, 'engaging'))['id']}"
    opportunity = (await client.patch(path, json=change, headers=at(2))).json()

    answer = await client.post(f"{path}/win", json=CLOSED, headers=at(3) | {"accept-language": "zh"})

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (409, *refusal)
    assert (await client.get(path)).json() == opportunity
    assert [event for event, _ in await told(service)] == [
        "opportunity.created",
        "opportunity.engaged",
        "opportunity.updated",
    ]
    assert await service.sql("SELECT 1 FROM orders") == []


@pytest.mark.parametrize("stage", ["won", "lost"])
async def test_a_closed_deal_can_not_be_changed(client: httpx.AsyncClient, service: RunningService, stage: str) -> None:
    opportunity = await in_stage(client, stage)
    path = f"/v1/opportunities/{opportunity['id']}"
    before = await told(service)

    refused = await client.patch(path, json={"name": "Other"}, headers=at(3))
    nothing = await client.patch(path, json={"name": "升级"}, headers=at(3))

    assert (refused.status_code, refused.json()["code"]) == (409, "opportunity_closed")
    assert (nothing.status_code, nothing.json()) == (200, opportunity)
    assert await told(service) == before


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"product_code": "GTX-9"}, (409, "unknown_product")),
        ({"product_id": str(uuid4())}, (409, "unknown_product")),
        ({"product_code": "OLD"}, (409, "product_inactive")),
        ({"product_code": "GTX-1", "product_id": str(uuid4())}, (409, "product_named_twice")),
        ({"external_refs": [REF]}, (409, "external_id_taken")),
        ({"value": {"amount": "-1", "currency": "CNY"}}, (422, "invalid_payload")),
        ({"customer_id": "Acme"}, (422, "invalid_payload")),
        ({"name": ""}, (422, "invalid_payload")),
        ({"stage": "won"}, (422, "invalid_payload")),
    ],
)
async def test_what_breaks_a_rule_is_neither_entered_nor_changed(
    client: httpx.AsyncClient, service: RunningService, fields: dict[str, Any], refusal: tuple[int, str]
) -> None:
    await posted(client, "/v1/products", PRODUCT)
    await posted(client, "/v1/products", PRODUCT | {"code": "OLD", "active": False})
    await posted(client, "/v1/opportunities", {"name": "First", "external_refs": [REF]})
    mine = await posted(client, "/v1/opportunities", {"name": "Mine"})
    before = await told(service)

    entered = await client.post("/v1/opportunities", json={"name": "Deal"} | fields)
    changed = await client.patch(f"/v1/opportunities/{mine['id']}", json=fields, headers=at(1))

    assert (entered.status_code, entered.json()["code"]) == refusal
    assert (changed.status_code, changed.json()["code"]) == refusal
    assert (await client.get(f"/v1/opportunities/{mine['id']}")).json() == mine
    assert await told(service) == before


async def test_a_product_that_was_chosen_before_may_be_out_of_sale_now(client: httpx.AsyncClient) -> None:
    product = await posted(client, "/v1/products", PRODUCT)
    opportunity = await posted(client, "/v1/opportunities", {"name": "Deal", "product_id": product["id"]})
    await client.post(f"/v1/products/{product['id']}/deactivate", json={}, headers=at(1))
    path, same = f"/v1/opportunities/{opportunity['id']}", {"name": "Big deal", "product_code": "GTX-1"}

    kept = await client.patch(path, json=same, headers=at(1))

    assert (kept.status_code, kept.json()["product_id"]) == (200, product["id"])


async def test_external_ids_follow_the_opportunity(client: httpx.AsyncClient) -> None:
    other = {"system": "oa", "external_id": "7"}
    first = await posted(client, "/v1/opportunities", {"name": "First", "external_refs": [REF]})
    path = f"/v1/opportunities/{first['id']}"

    moved_on = await client.patch(path, json={"external_refs": [other]}, headers=at(1))
    second = await posted(client, "/v1/opportunities", {"name": "Second", "external_refs": [REF]})
    taken = await client.patch(path, json={"external_refs": [REF]}, headers=at(2))

    assert moved_on.json()["external_refs"] == [other]
    assert second["external_refs"] == [REF]
    assert (taken.status_code, taken.json()["code"]) == (409, "external_id_taken")
    assert taken.json()["detail"] == "The id `O-1` of system `erp` already belongs to another opportunity."


async def test_a_change_needs_the_version_it_is_based_on(client: httpx.AsyncClient, service: RunningService) -> None:
    opportunity = await in_stage(client, "prospecting")
    path = f"/v1/opportunities/{opportunity['id']}"
    calls: dict[str, dict[str, Any]] = {"engage": {"engaged_on": "2026-01-05"}, "win": CLOSED, "lose": CLOSED}

    without = [await client.post(f"{path}/{action}", json=body) for action, body in calls.items()]
    without.append(await client.patch(path, json={"name": "x"}))
    stale = [await client.post(f"{path}/{action}", json=body, headers=at(7)) for action, body in calls.items()]
    stale.append(await client.patch(path, json={"name": "x"}, headers=at(7)))

    assert [answer.status_code for answer in without] == [428] * 4
    assert [answer.status_code for answer in stale] == [412] * 4
    assert await told(service) == [("opportunity.created", 1)]


async def test_winning_twice_with_one_key_places_one_order(client: httpx.AsyncClient, service: RunningService) -> None:
    opportunity = await in_stage(client, "engaging")
    path, headers = f"/v1/opportunities/{opportunity['id']}/win", at(2) | {"idempotency-key": "win-1"}

    first = await client.post(path, json=CLOSED, headers=headers)
    again = await client.post(path, json=CLOSED, headers=headers)

    assert (again.status_code, again.json()) == (200, first.json())
    assert [event for event, _ in await told(service)].count("order.placed") == 1


async def test_reading_does_not_entitle_to_write(service: RunningService, agent: Caller) -> None:
    async with service.as_(colleague(agent, "opportunities:read")) as reader:
        answers = [
            await reader.post("/v1/opportunities", json={"name": "x"}),
            await reader.post("/v1/opportunities/batch", json={"items": [{"name": "x"}]}),
            await reader.post(f"/v1/opportunities/{uuid4()}/win", json=CLOSED, headers=at(1)),
            await reader.get("/v1/orders"),
        ]
        listed = await reader.get("/v1/opportunities")

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "forbidden")] * 4
    assert listed.status_code == 200
    assert await told(service) == []


@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01", "1969-12-31", "0001-01-01"])
async def test_a_day_from_which_nobody_can_count_is_refused(client: httpx.AsyncClient, day: str) -> None:
    """A project begins on the day of the win, and its deliverables are due some weeks later."""
    fresh, talking = await in_stage(client, "prospecting"), await in_stage(client, "engaging")
    path = f"/v1/opportunities/{talking['id']}"
    answers = [
        await client.post("/v1/opportunities", json={"name": "x", "expected_close_on": day}),
        await client.patch(path, json={"engaged_on": day}, headers=at(2)),
        await client.post(f"/v1/opportunities/{fresh['id']}/engage", json={"engaged_on": day}, headers=at(1)),
        await client.post(f"{path}/win", json={"closed_on": day}, headers=at(2)),
        await client.post(f"{path}/lose", json={"closed_on": day}, headers=at(2)),
    ]
    item = {"name": "x", "stage": "engaging", "engaged_on": day}
    result = (await client.post("/v1/opportunities/batch", json={"items": [item]})).json()["results"][0]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, "invalid_payload")] * 5
    assert result["problem"]["code"] == "invalid_payload"
