"""Events of other services as they arrive here, and shorthand for calls and checks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import orjson

from crm_contracts.base import DomainEvent, Money
from crm_contracts.contact.v1 import ContactLink, ContactSnapshot, ContactStatus
from crm_contracts.customer.v1 import CustomerKind, CustomerSnapshot, CustomerStatus
from crm_contracts.inbound.v1 import ApprovalDecision, OaApprovalDecided
from crm_contracts.sales.v1 import (
    ContractSigned,
    ContractSnapshot,
    ContractStatus,
    OpportunitySnapshot,
    OpportunityStage,
    OpportunityWon,
)
from crm_platform.dispatch import service_registry
from crm_platform.events.subscriptions import HandlerError
from crm_platform.events.wire import FIRST_EPOCH, OutboxRow, RawRecord, Record, decode, encode_headers
from crm_platform.ids import new_id
from crm_platform.observability.tracing import Tracer
from crm_platform.testing.plugin import RunningService

LONG_AGO = datetime(2017, 3, 1, 8, tzinfo=UTC)


def customer(name: str = "上海观心科技有限公司", *, id: UUID | None = None, version: int = 1) -> CustomerSnapshot:
    required = (name for name, info in CustomerSnapshot.model_fields.items() if info.is_required())
    fields: dict[str, Any] = dict.fromkeys(required)
    fields |= {
        "id": id or new_id(),
        "version": version,
        "created_at": LONG_AGO,
        "created_by": "user:x",
        "updated_at": LONG_AGO,
        "updated_by": "user:x",
        "kind": CustomerKind.COMPANY,
        "name": name,
        "status": CustomerStatus.PROSPECT,
        "tags": (),
        "external_refs": (),
    }
    return CustomerSnapshot.model_validate(fields)


def contact(*customers: UUID, name: str = "王芳", id: UUID | None = None, **fields: Any) -> ContactSnapshot:
    """Somebody at these customers."""
    required = (name for name, info in ContactSnapshot.model_fields.items() if info.is_required())
    values: dict[str, Any] = dict.fromkeys(required)
    values |= {"id": id or new_id(), "version": 1, "created_at": LONG_AGO, "created_by": "user:x"}
    values |= {"updated_at": LONG_AGO, "updated_by": "user:x", "name": name, "status": ContactStatus.ACTIVE}
    values |= dict.fromkeys(("websites", "tags", "external_refs"), ())
    values |= {"links": tuple(ContactLink(customer_id=customer) for customer in customers), **fields}
    return ContactSnapshot.model_validate(values)


def won(
    name: str = "GTX Plus for Acme",
    *,
    customer_id: UUID | None = None,
    closed_on: date | None = date(2017, 3, 1),
    value: Money | None = None,
    **fields: Any,
) -> OpportunityWon:
    state = OpportunitySnapshot(
        **{
            "id": new_id(),
            "version": 3,
            "created_at": LONG_AGO,
            "created_by": "user:x",
            "updated_at": LONG_AGO,
            "updated_by": "user:x",
            "owner_id": None,
            "team_id": None,
            "name": name,
            "customer_id": customer_id or new_id(),
            "product_id": None,
            "stage": OpportunityStage.WON,
            "value": value,
            "engaged_on": None,
            "expected_close_on": None,
            "closed_on": closed_on,
            "lost_reason": None,
            "external_refs": (),
            **fields,
        }
    )
    return OpportunityWon(state=state, changed=("stage", "closed_on"))


def signed(title: str = "智慧园区采购合同", **fields: Any) -> ContractSigned:
    """A signed contract of no opportunity, valid from the first of March of 2017 on."""
    required = (name for name, info in ContractSnapshot.model_fields.items() if info.is_required())
    values: dict[str, Any] = dict.fromkeys(required)
    values |= {"id": new_id(), "version": 2, "created_at": LONG_AGO, "created_by": "user:x", "updated_at": LONG_AGO}
    values |= {"updated_by": "user:x", "number": "CT-2017-000007", "title": title, "customer_id": new_id()}
    values |= {"status": ContractStatus.SIGNED, "value": Money(amount=Decimal(300000), currency="CNY")}
    values |= {"valid_from": date(2017, 3, 1), "signed_on": date(2017, 2, 27), "drafted_by": "user:x"}
    values |= {"our_signatory_id": new_id(), "customer_signatory_id": new_id(), "external_refs": (), **fields}
    return ContractSigned(state=ContractSnapshot(**values), changed=("status", "signed_on"))


def decision(project_id: UUID | str, verdict: ApprovalDecision, **fields: Any) -> OaApprovalDecided:
    return OaApprovalDecided(
        **{
            "approval_id": "OA-2024-17",
            "subject_type": "project",
            "subject_id": project_id,
            "decision": verdict,
            "decided_by": "王经理",
            "comment": "预算已确认",
            **fields,
        }
    )


def record_of(
    event: DomainEvent[Any], tenant_id: UUID, *, correlation_id: UUID | None = None, traceparent: str | None = None
) -> Record:
    """The record in which ``event`` comes from the broker."""
    state = event.state
    row = OutboxRow(
        id=1,
        event_id=new_id(),
        tenant_id=tenant_id,
        aggregate_type=event.aggregate_type,
        aggregate_id=state.id,
        version=state.version,
        snapshot=False,
        type=event.type,
        topic=event.topic,
        occurred_at=LONG_AGO,
        headers={
            "correlation_id": str(correlation_id or new_id()),
            "actor": "user:x",
            "origin": "erp",
            "traceparent": traceparent,
        },
        payload=event.model_dump_json().encode(),
    )
    headers = encode_headers(row, source=b"/crm/test", epoch=FIRST_EPOCH.encode())
    return decode(RawRecord(event.topic, 0, 0, str(state.id).encode(), headers, row.payload))


async def take_in(running: RunningService, records: Sequence[Record]) -> None:
    """Hand a batch to the service's handlers in one transaction, as its worker would."""
    registry = service_registry(running.service, Tracer(running.settings.trace, running.settings.service))
    async with running.as_worker() as connection:
        try:
            await registry.run(connection, records)
        except HandlerError as error:
            raise error.error from error


async def act(client: httpx.AsyncClient, path: str, action: str, version: int, **body: Any) -> httpx.Response:
    """Take a step of a record's life that is at ``version``."""
    return await client.post(f"/v1/{path}/{action}", json=body, headers={"if-match": f'"{version}"'})


async def done(client: httpx.AsyncClient, path: str, *actions: str) -> dict[str, Any]:
    """Take several steps from the present version on; returns the record after the last."""
    record: dict[str, Any] = (await client.get(f"/v1/{path}")).json()
    for action in actions:
        body = {"reason": "not yet"} if action == "reject" else {}
        answer = await act(client, path, action, record["version"], **body)
        assert answer.status_code == 200, answer.text
        record = answer.json()
    return record


async def submitted(
    client: httpx.AsyncClient, project: dict[str, Any], *criteria: str, **fields: Any
) -> dict[str, Any]:
    """A deliverable of a project that lies before the customer."""
    body = {"project_id": project["id"], "name": "验收报告", "due_on": "2199-12-31", **fields}
    made = await client.post("/v1/deliveries", json=body | {"acceptance_criteria": criteria})
    assert made.status_code == 201, made.text
    return await done(client, f"deliveries/{made.json()['id']}", "start", "submit")


async def told(service: RunningService, kind: str) -> list[tuple[str, int]]:
    """Types and versions of the events about one kind of aggregate, in order."""
    rows = await service.sql("SELECT type, version FROM outbox WHERE aggregate_type = $1 ORDER BY id", kind)
    return [(row["type"], row["version"]) for row in rows]


async def reasons(service: RunningService, kind: str) -> list[tuple[str, str | None]]:
    """Types and reasons of the events about one kind of aggregate; the audit trail has the same."""
    rows = await service.sql("SELECT type, payload FROM outbox WHERE aggregate_type = $1 ORDER BY id", kind)
    audited = await service.sql("SELECT action, reason FROM audit_entries WHERE aggregate_type = $1 ORDER BY id", kind)
    found = [(row["type"], orjson.loads(row["payload"])["reason"]) for row in rows]
    assert found == [(row["action"], row["reason"]) for row in audited]
    return found
