"""Records of customer-svc that come out of others: what merges, files and operations make."""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from crm_contracts.customer.v1 import CustomerCreated
from crm_contracts.privacy.v1 import ANSWERS
from crm_contracts.subject_access.v1 import ANSWERS as ACCESS_ANSWERS
from crm_platform.privacy.access import answer_place
from crm_platform.sealing.boxes import seal_to
from crm_platform.testing.plugin import deliver
from tests.world.events import event_of
from tests.world.working import worked_at

Record = dict[str, Any]


async def _operation(world: Any) -> Record:
    """An operation that waits for a worker."""
    begun: Record = await world.post("/v1/exports")
    return begun


async def _ended_operation(world: Any) -> Record:
    """One of which nothing more will be heard, so that to watch it is not to wait."""
    begun = await _operation(world)
    await world.done(world.operations["cancel_operation"], begun)
    await worked_at(world, begun["id"], expect="cancelled")
    return begun


async def _paused_operation(world: Any) -> Record:
    begun = await _operation(world)
    paused: Record = await world.done(world.operations["pause_operation"], begun)
    return paused


async def _export(world: Any) -> Record:
    """An export whose file is there."""
    begun = await _operation(world)
    await worked_at(world, begun["id"])
    return begun


async def _upload(world: Any) -> Record:
    """An import whose file comes in parts."""
    made: Record = await world.post("/v1/imports/in-parts")
    return made


async def _mapped_import(world: Any) -> Record:
    given = await world.post("/v1/imports")
    mapped: Record = await world.done(world.operations["map_import"], given)
    return mapped


async def _finished_import(world: Any) -> Record:
    """An import that was carried out, with its reports."""
    mapped = await _mapped_import(world)
    begun = await world.done(world.operations["run_import"], mapped)
    await worked_at(world, begun["id"])
    return mapped


async def _merge(world: Any) -> Record:
    survivor = await world.post("/v1/customers")
    outcome = await world.done(world.operations["merge_customers"], survivor)
    merge: Record = outcome["merge"]
    return merge


async def _somebody_else(world: Any) -> Record:
    """Another customer, to be merged, of whom more is known."""
    other = await world.post("/v1/customers", industry="software")
    return {"absorbed": [{"id": other["id"], "version": other["version"]}]}


async def _group(world: Any) -> Record:
    """Two customers whom a scan holds for the same."""
    alike = {"name": f"Matanga Logistics {uuid4().hex[:8]}", "phone": "+442079460958"}
    headers = world.token(world.people.owner)
    anyway = "/v1/customers?allow_duplicates=true"
    _, made = [await world.client.post(anyway, json=alike, headers=headers) for _ in range(2)]
    begun = await world.done(world.operations["find_duplicate_groups"], None)
    await worked_at(world, begun["id"])
    found = await world.client.get("/v1/duplicate-groups?limit=200", headers=headers)
    return next(dict(one) for one in found.json()["items"] if made.json()["id"] in one["customer_ids"])


async def _group_to_merge(world: Any) -> Record:
    """The customers of the group that was made last; a scan finds those of other tests in the same moment."""
    headers = world.token(world.people.owner)
    found = await world.client.get("/v1/duplicate-groups?limit=200", headers=headers)
    survivor, *others = max((one["customer_ids"] for one in found.json()["items"]), key=max)
    absorbed = [{"id": id, "version": 1} for id in others]
    return {"survivor_id": survivor, "survivor_version": 1, "absorbed": absorbed}


async def _some_customer(world: Any) -> Record:
    """One customer, to be deleted."""
    return {"change": {"action": "delete"}, "ids": [(await world.post("/v1/customers"))["id"]]}


async def _purpose(world: Any, **fields: Any) -> str:
    purpose = await world.post("/v1/consent-purposes", channels=["email"], **fields)
    return str(purpose["code"])


async def _agreed(world: Any) -> Record:
    """Somebody, and what for, by e-mail."""
    contact = await world.post("/v1/contacts")
    about = {"subject_kind": "contact", "subject_id": contact["id"], "channel": "email"}
    return about | {"purpose": await _purpose(world)}


async def _asked(world: Any) -> Record:
    """Several people, of whom one is known."""
    about = await _agreed(world)
    return {"subjects": [about["subject_id"]], "purpose": about["purpose"], "channel": "email"}


async def _pending_consent(world: Any) -> Record:
    """A consent that its person has not confirmed yet."""
    purpose = await _purpose(world, double_opt_in=True)
    made: Record = await world.post("/v1/consents", purpose=purpose)
    return made


async def _erasable(world: Any) -> Record:
    """Somebody who asks to be forgotten, or what is known."""
    contact = await world.post("/v1/contacts")
    return {"subject_kind": "contact", "subject_id": contact["id"]}


async def _complete_erasure(world: Any) -> Record:
    """An erasure to which all services have answered."""
    erasure: Record = await world.post("/v1/erasures")
    for service, answer in ANSWERS.items():
        event = event_of(answer, erasure_id=erasure["id"], service=service, records=())
        await deliver(world.running, event, tenant_id=world.people.owner.tenant_id)
    return erasure


async def _ready_bundle(world: Any) -> Record:
    """A request for access to which all services have answered that they hold nothing."""
    request: Record = await world.post("/v1/subject-access-requests")
    id = UUID(request["id"])
    for service, answer in ACCESS_ANSWERS.items():
        content = seal_to(request["answer_key"], zlib.compress(b"[]"), answer_place(id, service, 1))
        place = {"request_id": id, "service": service, "page": 1, "pages": 1}
        event = event_of(answer, **place, records=(), content=content)
        await deliver(world.running, event, tenant_id=world.people.owner.tenant_id)
    return request


def _no_rule(table: str, **members: Any) -> Callable[[Any], Awaitable[Record]]:
    """Make room: there is one rule of a kind."""

    async def make(world: Any) -> Record:
        tenant_id = UUID(str(world.people.owner.tenant_id))
        await world.connection.execute(f"DELETE FROM {table} WHERE tenant_id = $1 AND kind IS NULL", tenant_id)
        return {"kind": None, **members}

    return make


async def _follow_up(world: Any) -> Record:
    """A communication after which something is to be done."""
    plan = {"due_at": "2030-01-02T03:04:05Z", "subject": "Call again"}
    made: Record = await world.post("/v1/communications", follow_up=plan)
    return made


async def _scored(world: Any) -> Record:
    """A customer whose data was judged by a rule."""
    await world.post("/v1/quality-rules")
    customer: Record = await world.post("/v1/customers")
    told = event_of(CustomerCreated, id=customer["id"])
    await deliver(world.running, told, tenant_id=world.people.owner.tenant_id)
    return customer


async def _adopted(world: Any) -> Record:
    """A ready-made rule that was taken over, which the list of them says."""
    await world.done(world.operations["adopt_quality_rules"], None)
    return {}


async def _defined(world: Any) -> Record:
    """A custom field, which the company's own OpenAPI document names."""
    field: Record = await world.post("/v1/custom-fields")
    return field


async def _quality_day(world: Any) -> Record:
    """The figures of a day, as a worker would have left them."""
    query = """INSERT INTO quality_days (tenant_id, id, day, dimension, key, records, failing, score_sum)
    VALUES ($1, gen_random_uuid(), '2026-03-01', 'all', '', 1, 0, 100) ON CONFLICT DO NOTHING"""
    await world.connection.execute(query, UUID(str(world.people.owner.tenant_id)))
    return {}


async def _may_contact(world: Any, _: None) -> dict[str, str]:
    """The question whether somebody may be turned to who has agreed."""
    consent = await world.post("/v1/consents")
    return {"subject": consent["subject_id"], "purpose": consent["purpose"], "channel": "email"}


_UPLOADS = ("put_import_part", "complete_upload")
_REPORTS = ("undo_import", "get_import_report", "get_import_errors")


async def _some_field(_: Any) -> Record:
    """A custom field whose key nobody has."""
    return {"resource": "customers", "key": f"f{uuid4().hex[:20]}", "type": "text"}


async def _retired_field(world: Any) -> Record:
    field = await world.post("/v1/custom-fields")
    retired: Record = await world.done(world.operations["retire_custom_field"], field)
    return retired


RECIPES = {
    "restore_custom_field": _retired_field,
    "/v1/operations": _operation,
    "list_operations": _operation,
    "watch_operation": _ended_operation,
    "resume_operation": _paused_operation,
    "get_export_file": _export,
    "/v1/customer-merges": _merge,
    "list_customer_merges": _merge,
    "/v1/duplicate-groups": _group,
    "list_duplicate_groups": _group,
    "check_import": _mapped_import,
    "run_import": _mapped_import,
    **dict.fromkeys(_UPLOADS, _upload),
    **dict.fromkeys(_REPORTS, _finished_import),
    "list_follow_ups": _follow_up,
    "list_quality_scores": _scored,
    "list_ready_made_rules": _adopted,
    "show_quality_summary": _scored,
    "list_quality_days": _quality_day,
    "describe_custom_fields": _defined,
    "confirm_consent": _pending_consent,
    "get_certificate": _complete_erasure,
    "get_bundle": _ready_bundle,
}

BODIES: dict[str, dict[str, Any] | Callable[[Any], Awaitable[dict[str, Any]]]] = {
    "merge_customers": _somebody_else,
    "merge_duplicate_group": _group_to_merge,
    "change_customers": _some_customer,
    "create_duplicate_rule": _no_rule("duplicate_rules", likely=95),
    "create_communication_rule": _no_rule("communication_rules", seal_contents=False),
    "update_duplicate_rule": {"likely": 90},
    "create_consent_purpose": {"channels": ["email"]},
    "record_consent": _agreed,
    "object_to_contact": _agreed,
    "may_contact_many": _asked,
    "request_erasure": _erasable,
    "request_access": _erasable,
    "create_custom_field": _some_field,
    "update_custom_field": {"position": 3},
    "convert_custom_field": {"type": "number"},
    "create_quality_rule": {"expression": "true", "applies_to": None},
    "update_quality_rule": {"weight": 5},
    "try_quality_rule": {"expression": "true", "applies_to": None},
    "adopt_quality_rules": {"codes": ["phone_valid"]},
    "create_quality_monitor": {"dimension": "all", "key": "", "degraded_below": 60, "recovered_at": 70},
    "update_quality_monitor": {"least_records": 2},
    "map_import": {"columns": [{"column": "name", "field": "name"}]},
}

QUERIES: dict[str, Callable[[Any, Any], Awaitable[dict[str, str]]]] = {
    "may_contact": _may_contact,
}

_FILE = "name,city\r\n远帆科技,上海\r\n"
TEXTS = {"create_import": _FILE, "put_import_part": _FILE}
