"""What several tests of sales-svc need."""

from typing import Any

import httpx

from crm_platform.testing.plugin import RunningService

USD_100 = {"amount": "100", "currency": "USD"}


def at(version: int) -> dict[str, str]:
    return {"if-match": f'"{version}"'}


async def posted(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The record that a POST made."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def moved(client: httpx.AsyncClient, record: dict[str, Any], action: str, body: dict[str, Any]) -> dict[str, Any]:
    """The opportunity after an action."""
    path = f"/v1/opportunities/{record['id']}/{action}"
    answer = await client.post(path, json=body, headers=at(record["version"]))
    assert answer.status_code == 200, answer.text
    after: dict[str, Any] = answer.json()
    return after


async def won(client: httpx.AsyncClient, customer_id: str, value: dict[str, str], **fields: Any) -> dict[str, Any]:
    """An opportunity that was worked here and won; its order is placed."""
    body = {"name": "Deal", "customer_id": customer_id, "value": value, **fields}
    opportunity = await posted(client, "/v1/opportunities", body)
    opportunity = await moved(client, opportunity, "engage", {"engaged_on": "2026-01-05"})
    return await moved(client, opportunity, "win", {"closed_on": "2026-02-10"})


async def batch(client: httpx.AsyncClient, path: str, items: list[dict[str, Any]], mode: str = "create") -> Any:
    """The answer of a batch; it is 200 whatever became of the items."""
    answer = await client.post(f"{path}/batch", json={"items": items, "mode": mode})
    assert answer.status_code == 200, answer.text
    return answer.json()


def problems(answer: Any) -> list[str | None]:
    """For each item of a batch the code of its problem, None where it went well."""
    return [result.get("problem", {}).get("code") for result in answer["results"]]


async def told(service: RunningService) -> list[tuple[str, int]]:
    """Type and version of all events, in order; each has its audit entry."""
    events = [tuple(row) for row in await service.sql("SELECT type, version FROM outbox ORDER BY id")]
    entries = [tuple(row) for row in await service.sql("SELECT action, version FROM audit_entries ORDER BY id")]
    assert events == entries
    return events
