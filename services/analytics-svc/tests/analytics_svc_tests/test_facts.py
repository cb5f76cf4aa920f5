from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from analytics_svc.facts.consumers import PROJECTIONS
from crm_contracts.customer.v1 import CustomerCreated, CustomerDeleted, CustomerKind, CustomerSnapshot, CustomerStatus
from crm_contracts.identity.v1 import TeamCreated, TeamDeleted, TeamSnapshot
from crm_contracts.registry import EVENTS
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver


def customer(id: UUID, version: int, name: str) -> CustomerSnapshot:
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    required = (name for name, info in CustomerSnapshot.model_fields.items() if info.is_required())
    fields: dict[str, Any] = dict.fromkeys(required)
    fields |= {"id": id, "version": version, "name": name, "kind": CustomerKind.COMPANY, "tags": ()}
    fields |= {"status": CustomerStatus.ACTIVE, "external_refs": (), "created_by": "user:x", "updated_by": "user:x"}
    return CustomerSnapshot.model_validate({**fields, "created_at": moment, "updated_at": moment})


async def names(service: RunningService) -> list[tuple[int, str]]:
    return [tuple(row) for row in await service.sql("SELECT version, name FROM customers ORDER BY name")]


async def test_a_snapshot_is_the_present_state_and_not_the_end_of_it(service: RunningService, reader: Caller) -> None:
    id = new_id()

    await deliver(service, CustomerCreated(state=customer(id, 3, "老客户")), tenant_id=reader.tenant_id, snapshot=True)

    assert await names(service) == [(3, "老客户")]


async def test_a_deleted_team_is_no_fact_any_more(service: RunningService, reader: Caller) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    author = {"created_at": at, "created_by": "user:x", "updated_at": at, "updated_by": "user:x"}
    team = TeamSnapshot(id=new_id(), version=1, name="华东", parent_id=None, manager_id=None, **author)
    await deliver(service, TeamCreated(state=team), tenant_id=reader.tenant_id)
    known = [tuple(row) for row in await service.sql("SELECT name FROM teams")]

    last = team.model_copy(update={"version": 2})
    await deliver(service, TeamDeleted(state=last), tenant_id=reader.tenant_id)

    assert known == [("华东",)]
    assert await service.sql("SELECT name FROM teams") == []


async def test_a_deleted_customer_is_no_fact_any_more(service: RunningService, reader: Caller) -> None:
    gone, stays = new_id(), new_id()
    for id, name in ((gone, "A"), (stays, "B")):
        await deliver(service, CustomerCreated(state=customer(id, 1, name)), tenant_id=reader.tenant_id)

    await deliver(service, CustomerDeleted(state=customer(gone, 2, "A")), tenant_id=reader.tenant_id)

    assert await names(service) == [(1, "B")]


@pytest.mark.parametrize("kind", PROJECTIONS)
def test_every_event_of_a_kind_is_taken_in(kind: str) -> None:
    consumer = PROJECTIONS[kind].consumer(kind)

    assert list(consumer.events) == [event for event in EVENTS.values() if event.aggregate_type == kind]
    assert consumer.events
    assert consumer.snapshots
