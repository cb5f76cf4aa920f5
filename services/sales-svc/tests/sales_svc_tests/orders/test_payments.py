from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_contracts.base import Money
from crm_contracts.inbound.v1 import ErpPaymentReceived
from crm_platform.context import Caller
from crm_platform.errors import DomainError, NotFound
from crm_platform.testing.events import StartWorker, send_inbound
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until
from sales_svc.orders.errors import NothingPaid, OtherCurrency, PaymentIdTaken
from sales_svc_tests.support import USD_100, told, won


@pytest.fixture
async def order(client: httpx.AsyncClient) -> dict[str, Any]:
    """An order over 100 USD."""
    await won(client, str(uuid4()), USD_100)
    (placed,) = (await client.get("/v1/orders")).json()["items"]
    return dict(placed)


def paid(amount: str, payment_id: str = "P-1", currency: str = "USD") -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "amount": {"amount": amount, "currency": currency},
        "received_on": "2026-03-01",
    }


def message(order: dict[str, Any], amount: str, payment_id: str = "P-1", currency: str = "USD") -> ErpPaymentReceived:
    return ErpPaymentReceived(
        payment_id=payment_id,
        order_id=UUID(order["id"]),
        amount=Money(amount=Decimal(amount), currency=currency),
        received_on=date(2026, 3, 1),
    )


async def payment_events(service: RunningService) -> list[tuple[str, int]]:
    return [(event, version) for event, version in await told(service) if event in {"order.paid", RECEIVED}]


RECEIVED = "order.payment_received"


async def test_payments_add_up_until_the_order_is_paid_and_beyond(
    client: httpx.AsyncClient, service: RunningService, order: dict[str, Any], agent: Caller
) -> None:
    path = f"/v1/orders/{order['id']}"
    seen = []
    for number, amount in enumerate(("40", "59.99", "0.01", "12.5"), 1):
        answer = await client.post(f"{path}/payments", json=paid(amount, f"P-{number}"))
        assert answer.status_code == 201, answer.text
        shown = (await client.get(path)).json()
        seen.append((shown["paid"]["amount"], shown["status"], shown["paid_at"] is not None))
        paid_at = shown["paid_at"] if number == 3 else None
        assert paid_at is None or shown["paid_at"] == shown["updated_at"]

    assert seen == [
        ("40", "partly_paid", False),
        ("99.99", "partly_paid", False),
        ("100", "paid", True),
        ("112.5", "paid", True),
    ]
    last = (await client.get(path)).json()
    assert last["paid_at"] < last["updated_at"]
    assert await payment_events(service) == [(RECEIVED, 2), (RECEIVED, 3), ("order.paid", 4), (RECEIVED, 5)]
    reasons = await service.sql("SELECT reason FROM audit_entries WHERE action = 'order.paid'")
    assert [row["reason"] for row in reasons] == ["payment P-3 of crm"]
    listed = (await client.get(f"{path}/payments", params={"limit": 3})).json()
    assert [item["payment_id"] for item in listed["items"]] == ["P-1", "P-2", "P-3"]
    rest = (await client.get(f"{path}/payments", params={"cursor": listed["next_cursor"]})).json()
    assert rest["items"] == [
        {
            "id": IsUUID(),
            "order_id": order["id"],
            "system": "crm",
            "payment_id": "P-4",
            "received_on": "2026-03-01",
            "recorded_at": IsDatetime(iso_string=True),
            "recorded_by": agent.actor,
            "amount": {"amount": "12.5", "currency": "USD"},
        }
    ]


async def test_the_same_payment_counts_once(
    client: httpx.AsyncClient, service: RunningService, order: dict[str, Any], agent: Caller
) -> None:
    path = f"/v1/orders/{order['id']}/payments"
    first = await client.post(path, json=paid("40"))
    again = await client.post(path, json=paid("40.00"))
    different = await client.post(path, json=paid("41"))
    async with service.as_(caller("orders:*", tenant_id=agent.tenant_id, system="erp")) as erp:
        of_erp = await erp.post(path, json=paid("40"))
    await deliver(service, message(order, "40"), tenant_id=agent.tenant_id)
    await deliver(service, message(order, "40"), tenant_id=agent.tenant_id)

    assert (again.status_code, again.json()) == (200, first.json())
    assert (different.status_code, different.json()["code"]) == (409, "payment_id_taken")
    assert (of_erp.status_code, of_erp.json()["system"]) == (201, "erp")
    shown = (await client.get(f"/v1/orders/{order['id']}")).json()
    assert (shown["paid"]["amount"], shown["version"]) == ("80", 3)
    assert await payment_events(service) == [(RECEIVED, 2), (RECEIVED, 3)]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (paid("40", currency="CNY"), (409, "other_currency")),
        (paid("0"), (422, "invalid_payload")),
        (paid("-1"), (422, "invalid_payload")),
        (paid("1", payment_id=" "), (422, "invalid_payload")),
    ],
)
async def test_a_payment_that_does_not_fit_is_refused(
    client: httpx.AsyncClient,
    service: RunningService,
    order: dict[str, Any],
    body: dict[str, Any],
    refusal: tuple[int, str],
) -> None:
    answer = await client.post(f"/v1/orders/{order['id']}/payments", json=body)

    assert (answer.status_code, answer.json()["code"]) == refusal
    assert (await client.get(f"/v1/orders/{order['id']}")).json() == order
    assert await payment_events(service) == []
    assert await service.sql("SELECT 1 FROM payments") == []


async def test_a_payment_of_the_erp_system_is_told_as_its_own(
    client: httpx.AsyncClient, service: RunningService, order: dict[str, Any], agent: Caller
) -> None:
    await deliver(service, message(order, "100"), tenant_id=agent.tenant_id, origin="erp")

    shown = (await client.get(f"/v1/orders/{order['id']}")).json()
    events = await service.sql("SELECT type, headers FROM outbox WHERE version = 2 AND aggregate_type = 'order'")
    assert (shown["status"], shown["updated_by"]) == ("paid", "system:sales-svc")
    assert [row["type"] for row in events] == ["order.paid"]
    assert '"origin": "erp"' in events[0]["headers"]


async def test_a_message_that_cannot_be_set_against_an_order_says_why(
    client: httpx.AsyncClient, service: RunningService, order: dict[str, Any], agent: Caller
) -> None:
    await deliver(service, message(order, "1", "P-0"), tenant_id=agent.tenant_id)
    cases: list[tuple[ErpPaymentReceived, UUID, type[DomainError]]] = [
        (message(order | {"id": str(uuid4())}, "1"), agent.tenant_id, NotFound),
        (message(order, "1"), caller().tenant_id, NotFound),
        (message(order, "1", currency="CNY"), agent.tenant_id, OtherCurrency),
        (message(order, "-1"), agent.tenant_id, NothingPaid),
        (message(order, "2", "P-0"), agent.tenant_id, PaymentIdTaken),
    ]
    for event, tenant_id, error in cases:
        with pytest.raises(error):
            await deliver(service, event, tenant_id=tenant_id)

    assert (await client.get(f"/v1/orders/{order['id']}")).json()["paid"]["amount"] == "1"
    assert await payment_events(service) == [(RECEIVED, 2)]
    assert len(await service.sql("SELECT 1 FROM payments")) == 1


async def test_a_poisoned_message_blocks_no_other(
    client: httpx.AsyncClient,
    service: RunningService,
    order: dict[str, Any],
    agent: Caller,
    start_worker: StartWorker,
) -> None:
    await start_worker(service)
    for event in (
        message(order | {"id": str(uuid4())}, "1", "P-1"),
        message(order, "1", "P-2", currency="CNY"),
        message(order, "100", "P-3"),
        message(order, "100", "P-3"),
    ):
        await send_inbound(service, event, tenant_id=agent.tenant_id, key="same")

    async def settled() -> list[Any]:
        letters = await service.sql("SELECT type, status, reason FROM dead_letter ORDER BY reason")
        shown = (await client.get(f"/v1/orders/{order['id']}")).json()
        return letters if len(letters) == 2 and shown["status"] == "paid" else []

    letters = await until(settled)
    assert [(row["type"], row["status"]) for row in letters] == [("erp.payment_received", "pending")] * 2
    assert "NotFound: There is no order" in letters[0]["reason"]
    assert "OtherCurrency: The order is in USD; a payment in CNY" in letters[1]["reason"]
    assert await payment_events(service) == [("order.paid", 2)]


async def test_payments_of_an_unknown_order_are_not_found(
    client: httpx.AsyncClient, service: RunningService, order: dict[str, Any]
) -> None:
    unknown = f"/v1/orders/{uuid4()}/payments"
    answers = [await client.get(unknown), await client.post(unknown, json=paid("1"))]
    async with service.as_(caller()) as stranger:
        path = f"/v1/orders/{order['id']}"
        answers += [
            await stranger.get(path),
            await stranger.get(f"{path}/payments"),
            await stranger.post(f"{path}/payments", json=paid("1")),
        ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 5
    assert await payment_events(service) == []
