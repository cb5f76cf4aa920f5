"""A customer that something belongs to stays, and all that belongs to it is named."""

import httpx
import pytest

from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE


@pytest.fixture(scope="module")
async def service(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


async def entered(client: httpx.AsyncClient, path: str, **body: object) -> str:
    answer = await client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_all_that_holds_a_customer_is_named(client: httpx.AsyncClient, service: RunningService) -> None:
    id = await entered(client, "customers", name="远帆科技")
    tag = {"if-match": '"1"'}
    await entered(client, "customers", name="Matanga Oy", parent_id=id)
    await entered(
        client, "communications", customer_id=id, kind="call", subject="报价", happened_at="2026-01-02T03:04:05Z"
    )
    await entered(client, "contacts", name="韩梅梅", links=[{"customer_id": id}])

    refused = await client.delete(f"/v1/customers/{id}", headers=tag)
    chinese = await client.delete(f"/v1/customers/{id}", headers=tag | {"accept-language": "zh"})

    assert (refused.status_code, refused.json()["code"]) == (409, "customer_in_use")
    assert refused.json()["detail"] == (
        "The customer still has subsidiaries, contacts, communications, and so cannot be deleted."
    )
    assert chinese.json()["detail"] == "该客户仍有下级公司、联系人、沟通记录，不能删除。"
    assert (await client.get(f"/v1/customers/{id}")).headers["etag"] == '"1"'
    assert await service.sql("SELECT 1 FROM outbox WHERE type = 'customer.deleted'") == []
    free = await entered(client, "customers", name="Lantern Foods")
    assert (await client.delete(f"/v1/customers/{free}", headers=tag)).status_code == 204
