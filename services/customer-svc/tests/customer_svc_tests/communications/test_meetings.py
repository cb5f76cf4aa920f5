from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx

from crm_contracts.inbound.v1 import OaMeetingHeld
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker, send_inbound
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until


async def test_a_meeting_of_the_oa_system_is_put_on_record_once(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "观心"})).json()
    await start_worker(service)
    meeting = OaMeetingHeld(
        meeting_id="M-1",
        customer_id=customer["id"],
        subject="启动会",
        held_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        duration_minutes=45,
        participants=("王芳",),
    )
    message_id = await send_inbound(service, meeting, tenant_id=agent.tenant_id, key="M-1", system="oa")
    await send_inbound(service, meeting, tenant_id=agent.tenant_id, key="M-1", system="oa", message_id=message_id)
    corrected = meeting.model_copy(update={"duration_minutes": 60})
    await send_inbound(service, corrected, tenant_id=agent.tenant_id, key="M-1", system="oa")

    async def recorded() -> list[dict[str, object]]:
        items = (await client.get("/v1/communications")).json()["items"]
        return [item for item in items if item["duration_minutes"] == 60]

    (found,) = await until(recorded)
    assert found["version"] == 2
    assert found["created_by"] == "system:customer-svc"
    assert found["owner_id"] == str(agent.id)
    assert found["external_refs"] == [{"system": "oa", "external_id": "M-1"}]
    events = await service.sql("SELECT type, headers->>'origin' FROM outbox WHERE topic = 'crm.communication.v1'")
    assert [tuple(row) for row in events] == [("communication.recorded", "oa"), ("communication.updated", "oa")]


async def test_a_meeting_with_an_unknown_customer_becomes_a_dead_letter_and_blocks_nothing(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "观心"})).json()
    await start_worker(service)
    lost = OaMeetingHeld(meeting_id="M-1", customer_id=uuid4(), subject="?", held_at=datetime(2026, 3, 2, tzinfo=UTC))
    sound = lost.model_copy(update={"meeting_id": "M-2", "customer_id": UUID(customer["id"])})
    await send_inbound(service, lost, tenant_id=agent.tenant_id, key="same", system="oa")
    await send_inbound(service, sound, tenant_id=agent.tenant_id, key="same", system="oa")

    async def recorded() -> list[object]:
        return list((await client.get("/v1/communications")).json()["items"])

    assert len(await until(recorded)) == 1
    letters = await until(lambda: service.sql("SELECT type, status, reason FROM dead_letter"))
    assert [(row["type"], row["status"]) for row in letters] == [("oa.meeting_held", "pending")]
    assert "UnknownCustomer" in letters[0]["reason"]
