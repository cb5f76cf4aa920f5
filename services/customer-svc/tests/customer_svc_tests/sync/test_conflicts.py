"""Disagreements with another system: kept sealed, settled by a person."""

from typing import Any

import httpx

from crm_contracts.base import ExternalRef
from crm_contracts.inbound.v1 import ErpCustomerChanged
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.sweeps import swept

REF = ExternalRef(system="erp", external_id="C-1")
TOLD = "+8613700137000"


async def disputed(client: httpx.AsyncClient, service: RunningService, agent: Caller, number: int = 1) -> Any:
    """A customer whose phone the ERP system has another of."""
    ref = {"system": "erp", "external_id": f"C-{number}"}
    body = {"name": f"观心{number}", "phone": "13800138000", "external_refs": [ref]}
    customer = (await client.post("/v1/customers", json=body)).json()
    message = ErpCustomerChanged(external_id=f"C-{number}", revision=1, phone="137 0013 7000", changed=("phone",))
    await deliver(service, message, tenant_id=agent.tenant_id, origin="erp")
    return customer


async def test_both_values_are_shown_and_nowhere_in_the_clear(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    customer = await disputed(client, service, agent)

    (conflict,) = (await client.get("/v1/sync-conflicts")).json()["items"]
    shown = {name: conflict[name] for name in ("customer_id", "field", "ours", "theirs", "status", "erased_at")}
    expected = {"field": "phone", "ours": "+8613800138000", "theirs": TOLD, "status": "open", "erased_at": None}
    assert shown == {"customer_id": customer["id"], **expected}
    for table in ("sync_conflicts", "audit_entries", "outbox"):
        content = str(await service.sql(f"SELECT * FROM {table}"))
        assert "13700137000" not in content, table
        assert "13800138000" not in content, table

    path = f"/v1/sync-conflicts/{conflict['id']}"
    settled = await client.post(f"{path}/take-theirs", headers={"if-match": '"1"'})

    assert (settled.status_code, settled.json()["status"]) == (200, "took_theirs")
    assert (await client.get(f"/v1/customers/{customer['id']}")).json()["phone"] == TOLD


async def test_what_the_version_before_wrote_in_the_clear_is_sealed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, start_worker: StartWorker
) -> None:
    await disputed(client, service, agent)
    await service.sql("UPDATE sync_conflicts SET sealed = NULL, ours = '021-58881234', theirs = NULL")

    await start_worker(service)
    await swept(service, "sync_conflicts.seal")

    (conflict,) = (await client.get("/v1/sync-conflicts")).json()["items"]
    assert (conflict["ours"], conflict["theirs"], conflict["version"]) == ("021-58881234", None, 2)
    rows = await service.sql("SELECT ours, theirs, sealed IS NOT NULL FROM sync_conflicts")
    assert [tuple(row) for row in rows] == [(None, None, True)]
