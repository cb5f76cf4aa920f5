"""Scores as they become."""

from typing import Any

import httpx

from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from customer_svc_tests.segments.support import posted

TEXT = {"en": "?", "zh": "?"}


async def rule(client: httpx.AsyncClient, code: str, expression: str, **values: Any) -> dict[str, Any]:
    """A rule, made."""
    body = {"code": code, "label": TEXT, "message": TEXT, "expression": expression}
    return await posted(client, "quality-rules", **body | values)


async def quality(client: httpx.AsyncClient, customer: dict[str, Any], **headers: str) -> tuple[int | None, list[str]]:
    """The score of a customer, and the codes of the rules that it breaks."""
    answer = await client.get(f"/v1/customers/{customer['id']}/quality", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["score"], [reason["code"] for reason in answer.json()["reasons"]]


async def becomes(client: httpx.AsyncClient, customer: dict[str, Any], score: int | None, *codes: str) -> None:
    """Wait until this is the score of a customer, for these reasons."""
    found: list[Any] = []

    async def reached() -> bool:
        found[:] = await quality(client, customer)
        return found == [score, list(codes)]

    await until(reached, seconds=60, why=lambda: (found, score, codes))


async def look_again(service: RunningService) -> None:
    """Say that the time of the sweep has come, which is every minute."""
    await service.sql("UPDATE operation_sweeps SET next_at = now() WHERE kind = 'quality.look_again'")


async def kept(service: RunningService) -> list[Any]:
    """All scores as they are kept, but for when they changed."""
    rows = await service.sql(
        "SELECT id, score, failed, keys, source, owner_id, team_id FROM quality_scores ORDER BY id"
    )
    return [tuple(row) for row in rows]
