from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest

from crm_contracts.base import ExternalRef
from crm_contracts.communication.v1 import CommunicationChannel, CommunicationDirection, CommunicationKind
from crm_contracts.inbound.v1 import OaCommunicationRecorded, OaFollowUp, OaMeetingHeld
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker, send_inbound
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until
from customer_svc.communications.errors import CustomerNotNamed


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
    events = await service.sql(
        "SELECT type, headers->>'origin' FROM outbox WHERE topic = 'crm.communication.v1' ORDER BY id"
    )
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


async def test_a_communication_of_the_oa_system_is_recorded_with_its_follow_up_and_corrected(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    ref = ExternalRef(system="oa", external_id="K-7")
    await client.post("/v1/customers", json={"name": "观心", "external_refs": [ref.model_dump()]})
    told = OaCommunicationRecorded(
        communication_id="C-1",
        customer_ref=ref,
        kind=CommunicationKind.CHAT,
        channel=CommunicationChannel.WECOM,
        direction=CommunicationDirection.INBOUND,
        subject="询价",
        happened_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        follow_up=OaFollowUp(due_at=datetime(2099, 3, 3, 9, 0, tzinfo=UTC), subject="报价"),
    )
    corrected = told.model_copy(update={"outcome": "已报价"})
    for message in (told, told, corrected):
        await deliver(service, message, tenant_id=agent.tenant_id, origin="oa")

    (shown,) = (await client.get("/v1/communications")).json()["items"]
    assert (shown["version"], shown["outcome"], shown["channel"]) == (2, "已报价", "wecom")
    assert (shown["follow_up"]["subject"], shown["follow_up"]["assignee_id"]) == ("报价", str(agent.id))
    timers = await service.sql("SELECT key FROM operations WHERE kind = 'communications.remind'")
    assert [row["key"] for row in timers] == [shown["id"]]


async def test_a_follow_up_that_was_done_stays_done_when_the_oa_system_repeats_itself(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    customer = (await client.post("/v1/customers", json={"name": "观心"})).json()
    told = OaCommunicationRecorded(
        communication_id="C-1",
        customer_id=UUID(customer["id"]),
        kind=CommunicationKind.CALL,
        subject="询价",
        happened_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        follow_up=OaFollowUp(due_at=datetime(2099, 3, 3, 9, 0, tzinfo=UTC), subject="报价"),
    )
    await deliver(service, told, tenant_id=agent.tenant_id)
    (shown,) = (await client.get("/v1/communications")).json()["items"]
    path = f"/v1/communications/{shown['id']}/complete-follow-up"
    assert (await client.post(path, json={}, headers={"if-match": '"1"'})).status_code == 200
    await deliver(service, told, tenant_id=agent.tenant_id)
    moved = told.model_copy(update={"follow_up": OaFollowUp(due_at=datetime(2099, 4, 1, tzinfo=UTC), subject="回访")})

    (kept,) = (await client.get("/v1/communications")).json()["items"]
    assert (kept["version"], kept["follow_up"]["status"]) == (2, "done")
    await deliver(service, moved, tenant_id=agent.tenant_id)
    (anew,) = (await client.get("/v1/communications")).json()["items"]
    assert (anew["follow_up"]["status"], anew["follow_up"]["subject"]) == ("open", "回访")


async def test_a_communication_that_names_no_known_customer_is_refused(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    told = OaCommunicationRecorded(
        communication_id="C-1",
        customer_ref=ExternalRef(system="oa", external_id="?"),
        kind=CommunicationKind.CALL,
        subject="询价",
        happened_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    )
    with pytest.raises(CustomerNotNamed):
        await deliver(service, told, tenant_id=agent.tenant_id)
    assert (await client.get("/v1/communications")).json()["items"] == []
