"""All deals of a real data set, as a partner's script would load them."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import pytest

from crm_platform.testing.plugin import RunningService

DATA = Path(__file__).parents[6] / "shared" / "data" / "crm_sales_maven"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the data set {DATA.name} is not here")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def id_of(kind: str, name: str) -> UUID:
    """A stand-in for the id that another service would have given to ``name``."""
    return uuid5(NAMESPACE_URL, f"{kind}/{name}")


def day(text: str) -> str | None:
    return datetime.strptime(text, "%m/%d/%Y").date().isoformat() if text else None  # noqa: DTZ007  (a day, no time)


def item(row: dict[str, str]) -> dict[str, Any]:
    product = {"GTXPro": "GTX Pro"}.get(row["product"], row["product"])
    won = row["deal_stage"] == "Won"
    mapped = {
        "name": f"{product} for {row['account'] or 'an unknown account'}",
        "product_code": product,
        "customer_id": str(id_of("account", row["account"])) if row["account"] else None,
        "owner_id": str(id_of("agent", row["sales_agent"])),
        "stage": row["deal_stage"].lower(),
        "engaged_on": day(row["engage_date"]),
        "closed_on": day(row["close_date"]),
        "value": {"amount": row["close_value"], "currency": "USD"} if won else None,
        "external_refs": [{"system": "maven", "external_id": row["opportunity_id"]}],
    }
    return {name: value for name, value in mapped.items() if value is not None}


def batches() -> Iterator[list[dict[str, Any]]]:
    items = [item(row) for row in rows("sales_pipeline")]
    for start in range(0, len(items), 1000):
        yield items[start : start + 1000]


async def load(client: httpx.AsyncClient) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for items in batches():
        answer = await client.post("/v1/opportunities/batch", json={"mode": "upsert", "items": items})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        outcomes.update({name: body[name] for name in ("created", "updated", "unchanged", "failed")})
    return +outcomes


async def load_products(client: httpx.AsyncClient) -> None:
    items = [
        {
            "code": row["product"],
            "name": row["product"],
            "series": row["series"],
            "list_price": {"amount": row["sales_price"], "currency": "USD"},
        }
        for row in rows("products")
    ]
    answer = await client.post("/v1/products/batch", json={"mode": "upsert", "items": items})
    assert answer.json()["created"] == 7, answer.text


async def test_all_deals_are_loaded_with_their_stages_and_orders(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await load_products(client)

    first = await load(client)
    again = await load(client)

    assert first == {"created": 8800}
    assert again == {"unchanged": 8800}
    stages = await service.sql("SELECT stage, count(*), sum(value_amount) FROM opportunities GROUP BY stage")
    assert {row["stage"]: row["count"] for row in stages} == {
        "won": 4238,
        "lost": 2473,
        "engaging": 1589,
        "prospecting": 500,
    }
    assert {row["stage"]: row["sum"] for row in stages}["won"] == 10_005_534
    placed = await service.sql("SELECT count(*), sum(total_amount), min(number), max(number) FROM orders")
    assert tuple(placed[0]) == (4238, 10_005_534, "SO-2017-000001", "SO-2017-004238")
    told = await service.sql("SELECT type, count(*) FROM outbox GROUP BY type")
    assert {row["type"]: row["count"] for row in told} == {
        "product.created": 7,
        "opportunity.created": 8800,
        "opportunity.won": 4238,
        "opportunity.lost": 2473,
        "order.placed": 4238,
    }
    entries = await service.sql("SELECT count(*) FROM audit_entries")
    assert entries[0]["count"] == 7 + 8800 + 4238 + 2473 + 4238
