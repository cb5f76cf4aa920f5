"""What tests of communications begin with."""

from typing import Any

import httpx

AT = "2026-03-02T09:00:00Z"


async def customer(client: httpx.AsyncClient, **values: Any) -> str:
    """Enter a customer; returns its id."""
    answer = await client.post("/v1/customers", json={"name": "观心", **values})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def record(client: httpx.AsyncClient, **values: Any) -> dict[str, Any]:
    """Put a call on record, with a customer of its own unless one is named."""
    values.setdefault("customer_id", None)
    values["customer_id"] = values["customer_id"] or await customer(client)
    body = {"kind": "call", "subject": "询价", "happened_at": AT, **values}
    answer = await client.post("/v1/communications", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found
