import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from sales_svc_tests.support import USD_100, batch, posted, problems, told

CUSTOMER = str(uuid4())
PATH = "/v1/opportunities"


def ref(number: int, system: str = "erp") -> dict[str, str]:
    return {"system": system, "external_id": f"O-{number}"}


def deal(number: int, stage: str | None = None, **fields: Any) -> dict[str, Any]:
    item: dict[str, Any] = {
        "name": f"交易 {number}",
        "customer_id": CUSTOMER,
        "value": USD_100,
        "external_refs": [ref(number)],
    }
    if stage is not None:
        item["stage"] = stage
    if stage in {"engaging", "won", "lost"}:
        item["engaged_on"] = "2025-03-01"
    if stage in {"won", "lost"}:
        item["closed_on"] = "2025-05-20"
    return item | fields


async def test_deals_are_taken_over_with_their_stages(client: httpx.AsyncClient, service: RunningService) -> None:
    items = [
        deal(1),
        deal(2, "prospecting"),
        deal(3, "engaging"),
        deal(4, "won"),
        deal(5, "lost", lost_reason="预算取消"),
        deal(6, "won", closed_on="2026-01-02"),
        deal(7, "won"),
    ]

    answer = await batch(client, PATH, items)

    assert [(result["status"], result["version"]) for result in answer["results"]] == [
        ("created", version) for version in (1, 1, 1, 2, 2, 2, 2)
    ]
    assert (answer["created"], answer["failed"]) == (7, 0)
    shown = [(await client.get(f"{PATH}/{result['id']}")).json() for result in answer["results"]]
    assert [record["stage"] for record in shown] == [item.get("stage", "prospecting") for item in items]
    assert [record["engaged_on"] for record in shown] == [item.get("engaged_on") for item in items]
    assert [record["closed_on"] for record in shown] == [item.get("closed_on") for item in items]
    assert shown[4]["lost_reason"] == "预算取消"
    orders = await service.sql("SELECT number, opportunity_id, ordered_on FROM orders ORDER BY number")
    assert [(row["number"], str(row["opportunity_id"]), row["ordered_on"].isoformat()) for row in orders] == [
        ("SO-2025-000001", shown[3]["id"], "2025-05-20"),
        ("SO-2025-000002", shown[6]["id"], "2025-05-20"),
        ("SO-2026-000001", shown[5]["id"], "2026-01-02"),
    ]
    assert await told(service) == [
        *[("opportunity.created", 1)] * 7,
        *[("opportunity.won", 2)] * 3,
        ("opportunity.lost", 2),
        *[("order.placed", 1)] * 3,
    ]


async def test_the_first_event_of_an_import_tells_of_an_open_deal(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await batch(client, PATH, [deal(1, "won")])

    events = await service.sql("SELECT convert_from(payload, 'utf8')::jsonb AS told FROM outbox ORDER BY id")
    created, won, _ = (row["told"] for row in events)
    entries = await service.sql("SELECT before, after FROM audit_entries ORDER BY id")
    assert '"stage": "engaging"' in created
    assert '"changed": ["stage", "closed_on"]' in won
    assert '"created_at": null' not in won
    assert entries[1]["before"] == '{"stage": "engaging", "closed_on": null}'
    assert entries[1]["after"] == '{"stage": "won", "$origin": "crm", "closed_on": "2025-05-20"}'


async def test_every_broken_rule_is_a_problem_of_its_item_alone(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await posted(client, "/v1/products", {"code": "OLD", "name": "旧款", "list_price": USD_100, "active": False})
    await batch(client, PATH, [deal(1, "won")])
    before = await told(service)
    items = {
        "created": deal(10, "won", product_code="OLD"),
        "external_id_taken": deal(1, "won"),
        "unknown_product": deal(11, product_code="GTXPro"),
        "product_inactive": deal(12, "engaging", product_code="OLD"),
        "product_named_twice": deal(13, product_code="OLD", product_id=str(uuid4())),
        "customer_required": deal(14, "won", customer_id=None),
        "value_required": deal(15, "won", value=None),
        "closed_before_engaged": deal(16, "lost", engaged_on="2025-05-21"),
        "needed_in_stage": deal(17, "won", closed_on=None),
        "unknown_in_stage": deal(18, "engaging", closed_on="2025-05-20"),
        "invalid_payload": deal(19, "signed"),
        "created too": deal(20),
    }

    answer = await batch(client, PATH, list(items.values()))

    expected = [None if name.startswith("created") else name for name in items]
    assert problems(answer) == expected
    assert (answer["created"], answer["failed"]) == (2, 10)
    assert answer["results"][2]["problem"]["detail"] == "There is no product `GTXPro`."
    assert answer["results"][2]["problem"]["status"] == 409
    assert answer["results"][10]["problem"]["status"] == 422
    assert (await told(service))[len(before) :] == [
        ("opportunity.created", 1),
        ("opportunity.created", 1),
        ("opportunity.won", 2),
        ("order.placed", 1),
    ]


async def test_the_same_import_again_changes_nothing(client: httpx.AsyncClient, service: RunningService) -> None:
    items = [
        deal(1),
        deal(2, "prospecting"),
        deal(3, "engaging"),
        deal(4, "won"),
        deal(5, "lost", lost_reason="x"),
        deal(6, "won", value={"amount": "0", "currency": "CNY"}),
    ]
    first = await batch(client, PATH, items, "upsert")
    before = await told(service)

    again = await batch(client, PATH, items, "upsert")

    assert [result["status"] for result in again["results"]] == ["unchanged"] * 6
    assert [(r["id"], r["version"]) for r in again["results"]] == [(r["id"], r["version"]) for r in first["results"]]
    assert await told(service) == before


async def test_an_import_brings_open_deals_up_to_date(client: httpx.AsyncClient, service: RunningService) -> None:
    await batch(client, PATH, [deal(1), deal(2, "engaging"), deal(3, "engaging"), deal(4, "engaging"), deal(5)])
    before = await told(service)
    items = [
        deal(1, "won", name="大单"),
        deal(2, "won", value={"amount": "90", "currency": "USD"}),
        deal(3, "engaging", engaged_on="2025-03-02", external_refs=[ref(3), ref(3, "oa")]),
        deal(4, "lost"),
        {"name": "交易 5", "external_refs": [ref(5)]},
        deal(6),
    ]

    answer = await batch(client, PATH, items, "upsert")

    assert [(result["status"], result["version"]) for result in answer["results"]] == [
        ("updated", 4),
        ("updated", 2),
        ("updated", 2),
        ("updated", 2),
        ("unchanged", 1),
        ("created", 1),
    ]
    assert sorted((await told(service))[len(before) :]) == sorted(
        [
            ("opportunity.created", 1),
            ("opportunity.updated", 2),
            ("opportunity.updated", 2),
            ("opportunity.engaged", 3),
            ("opportunity.won", 4),
            ("opportunity.won", 2),
            ("opportunity.lost", 2),
            ("order.placed", 1),
            ("order.placed", 1),
        ]
    )
    third = (await client.get(f"{PATH}/{answer['results'][2]['id']}")).json()
    assert (third["engaged_on"], third["external_refs"]) == ("2025-03-02", [ref(3), ref(3, "oa")])
    by_new_id = await batch(client, PATH, [{"name": "交易 3", "external_refs": [ref(3, "oa")]}], "upsert")
    assert by_new_id["results"][0]["id"] == third["id"]
    assert by_new_id["results"][0]["status"] == "unchanged"


async def test_an_import_cannot_change_what_is_closed_nor_go_back(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await batch(client, PATH, [deal(1, "won"), deal(2, "lost"), deal(3, "engaging"), deal(4), deal(5)])
    before = await told(service)
    items = [
        deal(1, "won", value={"amount": "101", "currency": "USD"}),
        deal(2, "won"),
        deal(3, "prospecting"),
        deal(4, external_refs=[ref(4), ref(5)]),
        deal(5),
    ]

    answer = await batch(client, PATH, items, "upsert")

    assert problems(answer) == [
        "opportunity_closed",
        "opportunity_closed",
        "invalid_transition",
        "external_id_taken",
        None,
    ]
    assert answer["unchanged"] == 1
    assert await told(service) == before


async def test_a_deal_named_twice_in_one_batch_is_written_in_order(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    items = [deal(1, "engaging"), deal(2), deal(1, "won"), deal(1, "won"), deal(1, "lost")]

    upserted = await batch(client, PATH, items, "upsert")
    created = await batch(client, PATH, [deal(7), deal(7)])

    assert [result["status"] for result in upserted["results"]] == [
        "created",
        "created",
        "updated",
        "unchanged",
        "failed",
    ]
    assert problems(upserted)[4] == "opportunity_closed"
    assert problems(created) == [None, "external_id_taken"]
    assert len(await service.sql("SELECT 1 FROM orders")) == 1


async def test_two_imports_at_the_same_time_enter_nothing_twice(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    items = [deal(number, "won") for number in range(30)]

    one, other = await asyncio.gather(
        batch(client, PATH, items, "upsert"), batch(client, PATH, list(reversed(items)), "upsert")
    )

    assert one["created"] + other["created"] == 30
    assert one["unchanged"] + other["unchanged"] == 30
    numbers = await service.sql("SELECT number FROM orders ORDER BY number")
    assert [row["number"] for row in numbers] == [f"SO-2025-{number:06d}" for number in range(1, 31)]
    assert len(await told(service)) == 90


async def test_an_import_does_not_reach_what_its_caller_may_not_see(service: RunningService, agent: Caller) -> None:
    async with service.as_(agent) as owner:
        theirs = (await batch(owner, PATH, [deal(1), deal(2, owner_id=None, team_id=None)]))["results"]
    async with service.as_(colleague(agent, visibility="own")) as other:
        answer = await batch(other, PATH, [deal(1, name="mine"), deal(2, name="mine")], "upsert")
    async with service.as_(caller()) as stranger:
        elsewhere = await batch(stranger, PATH, [deal(1), deal(2)], "upsert")

    assert problems(answer) == ["external_id_taken", None]
    assert answer["results"][1]["id"] == theirs[1]["id"]
    assert elsewhere["created"] == 2
    names = await service.sql("SELECT name FROM opportunities WHERE tenant_id = $1 ORDER BY id", agent.tenant_id)
    assert [row["name"] for row in names] == ["交易 1", "mine"]


async def test_an_import_of_a_machine_names_the_owners(service: RunningService, agent: Caller) -> None:
    owner, team = str(uuid4()), str(uuid4())
    async with service.as_(agent) as client:
        answer = await batch(client, PATH, [deal(1, owner_id=owner, team_id=team), deal(2)])
        shown = [(await client.get(f"{PATH}/{result['id']}")).json() for result in answer["results"]]

    assert [(record["owner_id"], record["team_id"]) for record in shown] == [(owner, team), (str(agent.id), None)]


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_batch_has_1_to_1000_items(client: httpx.AsyncClient, count: int) -> None:
    answer = await client.post(f"{PATH}/batch", json={"items": [deal(number) for number in range(count)]})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_payload")
