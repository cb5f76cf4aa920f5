"""Somebody who enters customers with all that belongs to them, merges them, and takes that back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService

Record = dict[str, Any]

_AUTHORSHIP = ("version", "updated_at", "updated_by")
_WHAT = {
    "customers": "/v1/customers",
    "contacts": "/v1/contacts",
    "communications": "/v1/communications",
    "requirements": "/v1/requirements",
}


def etag(version: int) -> dict[str, str]:
    """Headers of a change of this version."""
    return {"if-match": f'"{version}"'}


@dataclass
class Office:
    """The service, asked by one person."""

    service: RunningService
    who: Caller
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request."""
        async with self.service.as_(self.who) as client:
            return await client.request(method, path, **options)

    async def enter(self, path: str, **members: Any) -> Record:
        """A new record."""
        params = {"allow_duplicates": "true"} if path == "/v1/customers" else None
        answer = await self.send("POST", path, json=members, params=params)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def customer(self, name: str, **members: Any) -> Record:
        """A new customer."""
        return await self.enter("/v1/customers", name=name, **members)

    async def get(self, path: str) -> Any:
        """What is there now."""
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def now(self, customer: Record) -> Record:
        """The customer as it is now."""
        return dict(await self.get(f"/v1/customers/{customer['id']}"))

    async def patch(self, customer: Record, **members: Any) -> Record:
        """Change the customer as it is now."""
        version = (await self.now(customer))["version"]
        path = f"/v1/customers/{customer['id']}"
        answer = await self.send(
            "PATCH", path, json=members, headers=etag(version), params={"allow_duplicates": "true"}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def try_merge(self, survivor: Record, absorbed: Sequence[Record], **options: Any) -> httpx.Response:
        """Merge records as they were when they were read."""
        body = {"absorbed": [{"id": one["id"], "version": one["version"]} for one in absorbed], **options}
        path = f"/v1/customers/{survivor['id']}/merge"
        return await self.send("POST", path, json=body, headers=etag(survivor["version"]))

    async def merge(self, survivor: Record, *absorbed: Record, **options: Any) -> Record:
        """Merge customers as they are now."""
        present = [await self.now(one) for one in (survivor, *absorbed)]
        answer = await self.try_merge(present[0], present[1:], **options)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def try_unmerge(self, outcome: Record) -> httpx.Response:
        """Take a merge back."""
        merge = outcome["merge"]
        path = f"/v1/customer-merges/{merge['id']}/unmerge"
        return await self.send("POST", path, json={}, headers=etag(merge["version"]))

    async def unmerge(self, outcome: Record) -> Record:
        """Take a merge back, which works."""
        answer = await self.try_unmerge(outcome)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def everything(self) -> dict[str, dict[str, Record]]:
        """All records by kind and id, but for who wrote them last, and how often."""
        return {kind: await self._all(path) for kind, path in _WHAT.items()}

    async def _all(self, path: str) -> dict[str, Record]:
        page = await self.get(f"{path}?limit=200")
        assert page["next_cursor"] is None
        return {one["id"]: _plain(one) for one in page["items"]}

    async def types(self, since: int = 0) -> list[str]:
        """What was told, in order, after the first ``since`` events."""
        rows = await self.service.sql("SELECT type FROM outbox ORDER BY id")
        return [row["type"] for row in rows][since:]

    async def unchanged(self, request: httpx.Response, before: dict[str, dict[str, Record]]) -> None:
        """Nothing came of a request."""
        assert await self.everything() == before, request.text


def timeless(record: Record) -> Record:
    """A record without its moments, which two answers may write in two ways."""
    return {name: value for name, value in record.items() if not name.endswith(("_at", "_since"))}


def _plain(record: Record) -> Record:
    plain = {name: value for name, value in record.items() if name not in _AUTHORSHIP}
    if "links" in plain:
        plain["links"] = sorted(plain["links"], key=lambda link: link["customer_id"])
    return plain
