"""What project-svc answers, as it arrives: twice, late, and about what is not ours."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_contracts.project.v1 import (
    DeliveryCancelled,
    DeliveryCompleted,
    DeliveryEvent,
    DeliveryPlanned,
    DeliveryRejected,
    DeliverySnapshot,
    DeliveryStatus,
    IntakeStatus,
    RefusalReason,
    RequirementIntakeRefused,
    RequirementIntakeSnapshot,
)
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from customer_svc_tests.requirements.test_endpoints import act, collect, moved, told

AUTHORED = {
    "created_at": datetime(2026, 3, 2, tzinfo=UTC),
    "created_by": "system:project-svc",
    "updated_at": datetime(2026, 3, 2, tzinfo=UTC),
    "updated_by": "system:project-svc",
}


@pytest.fixture
async def requirement(client: httpx.AsyncClient) -> dict[str, Any]:
    """One that was handed over, at version 4."""
    customer = (await client.post("/v1/customers", json={"name": "观心科技"})).json()
    confirmed = await moved(client, await collect(client, customer), "analyse", "confirm")
    handed: dict[str, Any] = (await act(client, confirmed, "hand-over")).json()
    return handed


def refusal(requirement: dict[str, Any], *, hand_over: int = 1) -> RequirementIntakeRefused:
    answer = {"status": IntakeStatus.REFUSED, "refusal": RefusalReason.PROJECT_ENDED, "hand_over": hand_over}
    state = {"id": requirement["id"], "version": 1, "project_id": None, "delivery_id": None, **AUTHORED, **answer}
    return RequirementIntakeRefused(state=RequirementIntakeSnapshot.model_validate(state))


def fate(
    event: type[DeliveryEvent], requirement: dict[str, Any], delivery: UUID, version: int, **fields: Any
) -> DeliveryEvent:
    status = {
        DeliveryPlanned: DeliveryStatus.PLANNED,
        DeliveryRejected: DeliveryStatus.REJECTED,
        DeliveryCancelled: DeliveryStatus.CANCELLED,
        DeliveryCompleted: DeliveryStatus.ACCEPTED,
    }[event]
    values: dict[str, Any] = dict.fromkeys(
        name for name, field in DeliverySnapshot.model_fields.items() if field.is_required()
    )
    values |= {"id": delivery, "version": version, "project_id": new_id(), "customer_id": requirement["customer_id"]}
    values |= {"name": "离线签到", "acceptance_criteria": (), "due_on": date(2026, 6, 1), "submissions": 0}
    values |= {"requirement_id": requirement["id"], "hand_over": 1, "status": status, **AUTHORED}
    return event(state=DeliverySnapshot.model_validate(values | fields))


async def test_a_refusal_takes_the_requirement_back_once(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, requirement: dict[str, Any]
) -> None:
    for _ in range(2):
        await deliver(service, refusal(requirement), tenant_id=agent.tenant_id)
    returned = (await client.get(f"/v1/requirements/{requirement['id']}")).json()
    handed = (await act(client, returned, "hand-over", project_id=str(new_id()))).json()
    await deliver(service, refusal(requirement), tenant_id=agent.tenant_id)

    assert (returned["status"], returned["status_reason"]) == ("confirmed", "project_ended")
    assert (returned["handed_over_at"], returned["version"]) == (None, 5)
    assert (handed["hand_overs"], handed["version"], handed["status_reason"]) == (2, 6, None)
    assert (await client.get(f"/v1/requirements/{requirement['id']}")).json() == handed
    assert (await told(service))[4:] == [("requirement.returned", 5), ("requirement.handed_over", 6)]


async def test_a_cancelled_deliverable_lets_it_be_handed_over_anew(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, requirement: dict[str, Any]
) -> None:
    first, second = new_id(), new_id()
    events = [
        fate(DeliveryPlanned, requirement, first, 1),
        fate(DeliveryCancelled, requirement, first, 2, cancellation_reason="项目终止"),
    ]
    for event in [event for event in events for _ in range(2)]:
        await deliver(service, event, tenant_id=agent.tenant_id)
    returned = (await client.get(f"/v1/requirements/{requirement['id']}")).json()
    await act(client, returned, "hand-over")
    for event in (
        *events,
        fate(DeliveryPlanned, requirement, second, 1, hand_over=2),
        *events,
        fate(DeliveryCompleted, requirement, second, 5, hand_over=2),
        *events,
    ):
        await deliver(service, event, tenant_id=agent.tenant_id)

    found = (await client.get(f"/v1/requirements/{requirement['id']}")).json()
    assert (returned["status"], returned["status_reason"], returned["delivery_id"]) == ("confirmed", "项目终止", None)
    assert (found["status"], found["delivery_id"], found["version"]) == ("delivered", str(second), 9)
    assert (await told(service))[4:] == [
        ("requirement.planned", 5),
        ("requirement.returned", 6),
        ("requirement.handed_over", 7),
        ("requirement.planned", 8),
        ("requirement.delivered", 9),
    ]


async def test_a_rejected_requirement_and_foreign_deliverables_stay_what_they_are(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, requirement: dict[str, Any]
) -> None:
    delivery = new_id()
    rejected = (await act(client, requirement, "reject", reason="预算不足")).json()
    strangers = [
        fate(DeliveryPlanned, requirement, delivery, 1),
        fate(DeliveryCompleted, requirement, delivery, 4),
        fate(DeliveryPlanned, requirement, new_id(), 1, requirement_id=None, hand_over=None),
        fate(DeliveryPlanned, requirement, new_id(), 1, requirement_id=new_id()),
    ]

    for event in strangers:
        await deliver(service, event, tenant_id=agent.tenant_id)
    await deliver(service, refusal(requirement), tenant_id=agent.tenant_id)
    await deliver(service, fate(DeliveryPlanned, requirement, new_id(), 1), tenant_id=new_id())

    assert (await client.get(f"/v1/requirements/{requirement['id']}")).json() == rejected
    assert (await told(service))[4:] == [("requirement.rejected", 5)]
