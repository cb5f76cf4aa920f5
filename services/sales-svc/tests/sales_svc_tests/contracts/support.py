"""Shorthand for tests of contracts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from sales_svc_tests.support import at, posted

CUSTOMER, USER, CONTACT = (str(uuid4()) for _ in range(3))
CNY_120000 = {"amount": "120000", "currency": "CNY"}
READY = {
    "title": "观心平台采购合同",
    "customer_id": CUSTOMER,
    "value": CNY_120000,
    "our_signatory_id": USER,
    "customer_signatory_id": CONTACT,
}
"""A contract that lacks nothing but the signature."""
SIGNED = {"signed_on": "2025-03-02"}
ENDED = {"ended_on": "2025-09-30", "reason": "双方协商一致"}
BODIES: dict[str, dict[str, Any]] = {
    "approve": {},
    "return": {},
    "sign": SIGNED,
    "fulfil": ENDED,
    "terminate": ENDED,
    "cancel": {},
}
"""What each action needs."""


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant: somebody who writes contracts, and a colleague who approves them."""

    service: RunningService
    author: Caller
    mine: httpx.AsyncClient
    theirs: httpx.AsyncClient

    async def drafted(self, **fields: Any) -> dict[str, Any]:
        return await posted(self.mine, "/v1/contracts", READY | fields)

    async def act(self, contract: dict[str, Any], action: str, **body: Any) -> httpx.Response:
        """The answer to an action on a contract in the state shown; the colleague approves."""
        client = self.theirs if action == "approve" else self.mine
        path = f"/v1/contracts/{contract['id']}/{action}"
        return await client.post(path, json=BODIES[action] | body, headers=at(contract["version"]))

    async def moved(self, contract: dict[str, Any], *actions: str, **body: Any) -> dict[str, Any]:
        for action in actions:
            answer = await self.act(contract, action, **body)
            assert answer.status_code == 200, answer.text
            contract = answer.json()
        return contract

    async def patched(self, contract: dict[str, Any], **changes: Any) -> httpx.Response:
        return await self.mine.patch(f"/v1/contracts/{contract['id']}", json=changes, headers=at(contract["version"]))

    async def shown(self, contract: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.mine.get(f"/v1/contracts/{contract['id']}")).json()
        return shown

    async def told(self, id: str | None = None) -> list[tuple[str, int, str | None]]:
        """Type, version and reason of the events about contracts, or one of them; each has its audit entry."""
        statement = """SELECT o.type, o.version, o.payload, a.reason FROM outbox o
            JOIN audit_entries a ON a.entry_id = o.event_id AND a.action = o.type
            WHERE o.tenant_id = $1 AND o.aggregate_type = 'contract' AND ($2::uuid IS NULL OR o.aggregate_id = $2)
            ORDER BY o.id"""
        of = None if id is None else UUID(id)
        rows = await self.service.sql(statement, self.author.tenant_id, of)
        assert [orjson.loads(row["payload"])["reason"] for row in rows] == [row["reason"] for row in rows]
        return [(row["type"], row["version"], row["reason"]) for row in rows]

    async def types(self) -> list[str]:
        return [event for event, *_ in await self.told()]
