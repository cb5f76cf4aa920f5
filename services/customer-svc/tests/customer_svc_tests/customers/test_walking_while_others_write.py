"""A list is walked to its end while others write: who stays where they are is met once, and nobody twice."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE

MANY = 160
PAGE = 10


@pytest.fixture(scope="module")
async def service(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


async def entered(client: httpx.AsyncClient, number: int) -> list[dict[str, Any]]:
    """New customers, with names that say nothing of their order."""
    items = [{"name": f"{uuid4().hex} 公司"} for _ in range(number)]
    answer = await client.post("/v1/customers/batch", params={"allow_duplicates": "true"}, json={"items": items})
    assert answer.json()["created"] == number, answer.text
    return [{"id": one["id"], "version": 1, **item} for one, item in zip(answer.json()["results"], items, strict=True)]


class Crowd:
    """Others, who enter, change and remove customers."""

    def __init__(
        self, client: httpx.AsyncClient, changed: Iterator[dict[str, Any]], removed: Iterator[dict[str, Any]]
    ) -> None:
        self._client = client
        self._changed, self._removed = changed, removed
        self.came: list[str] = []

    async def write(self) -> None:
        """One of each, at once."""
        tag = {"if-match": '"1"'}
        one, other = next(self._changed), next(self._removed)
        changed, removed, came = await asyncio.gather(
            self._client.patch(f"/v1/customers/{one['id']}", json={"website": "https://x.example"}, headers=tag),
            self._client.delete(f"/v1/customers/{other['id']}", headers=tag),
            entered(self._client, 2),
        )
        assert (changed.status_code, removed.status_code) == (200, 204)
        self.came += [one["id"] for one in came]


@pytest.mark.parametrize("sort", ["name", "-created_at", "status,-name"])
async def test_nobody_is_met_twice_and_nobody_who_stays_is_missed(client: httpx.AsyncClient, sort: str) -> None:
    there = await entered(client, MANY)
    changed, removed = there[: MANY // 4], there[MANY // 4 : MANY // 2]
    crowd = Crowd(client, iter(changed), iter(removed))
    met: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        params = {"sort": sort, "limit": str(PAGE), "fields": "id,name", **cursor}
        page, _ = await asyncio.gather(client.get("/v1/customers", params=params), crowd.write())
        assert page.status_code == 200, page.text
        met += page.json()["items"]
        following = page.json()["next_cursor"]
        if following is None:
            break
        cursor = {"cursor": following}

    seen = Counter(one["id"] for one in met)
    assert set(seen.values()) == {1}
    assert {one["id"] for one in [*changed, *there[MANY // 2 :]]} <= seen.keys()
    assert seen.keys() <= {one["id"] for one in there} | set(crowd.came)
    assert len(met) > MANY // 2 + PAGE
    names = [one["name"] for one in met]
    if sort == "name":
        assert names == sorted(names)
