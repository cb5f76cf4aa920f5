from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.plan.support import Planner
from project_svc_tests.support import act, customer

_TOLD = "SELECT type, version FROM outbox WHERE tenant_id = $1 ORDER BY id"


@dataclass
class Company:
    """A company with a customer, and one who opens projects for it."""

    service: RunningService
    who: Caller
    api: httpx.AsyncClient
    customer_id: UUID

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.api.post(f"/v1/{path}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.api.get(f"/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        return list((await self.get(path, **params))["items"])

    async def try_open(self, **fields: Any) -> httpx.Response:
        body = {"customer_id": str(self.customer_id), "starts_on": "2026-03-02", **fields}
        return await self.api.post("/v1/projects", json=body)

    async def open(self, **fields: Any) -> Planner:
        answer = await self.try_open(**fields)
        assert answer.status_code == 201, answer.text
        return Planner(self.service, self.who, self.api, UUID(answer.json()["id"]))

    async def draft(self, code: str, **fields: Any) -> dict[str, Any]:
        return await self.post("project-templates", code=code, **fields)

    async def published(self, code: str, *, rule: str | None = None, **fields: Any) -> dict[str, Any]:
        """A template in force."""
        made = await self.draft(code, **fields)
        if rule is not None:
            changes = {"deal_rule": rule}
            made = (await self.patch(made, **changes)).json()
        answer = await self.act(made, "publish")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def patch(self, template: dict[str, Any], **changes: Any) -> httpx.Response:
        headers = {"if-match": f'"{template["version"]}"'}
        return await self.api.patch(f"/v1/project-templates/{template['id']}", json=changes, headers=headers)

    async def act(self, template: dict[str, Any], action: str) -> httpx.Response:
        return await act(self.api, f"project-templates/{template['id']}", action, template["version"])

    async def told(self, *kinds: str) -> list[tuple[str, int]]:
        """Types and versions of the events about some kinds of records, in order."""
        rows = await self.service.sql(_TOLD, self.who.tenant_id)
        return [(row["type"], row["version"]) for row in rows if row["type"].partition(".")[0] in kinds]


@pytest.fixture
async def company(shared: RunningService) -> AsyncIterator[Company]:
    who, state = caller(), customer()
    await deliver(shared, CustomerCreated(state=state), tenant_id=who.tenant_id)
    async with shared.as_(who) as api:
        yield Company(shared, who, api, state.id)
