"""How a record comes about where a POST of the smallest body to its collection is not the way."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from crm_contracts.customer.v1 import CustomerCreated
from crm_contracts.inbound.v1 import ErpCustomerChanged
from crm_contracts.project.v1 import DeliveryCompleted
from crm_contracts.sales.v1 import OpportunityCreated
from crm_contracts.service_desk.v1 import SurveySent
from crm_platform.testing.plugin import deliver
from tests.world import calendars, control, customers, deliveries, execution, identity, plans
from tests.world.events import event_of
from tests.world.working import worked_at

Record = dict[str, Any]

MONEY = {"amount": "100", "currency": "CNY"}


async def _tell(world: Any, event: Any) -> None:
    await deliver(world.running, event, tenant_id=world.people.owner.tenant_id)


def _owned(world: Any) -> dict[str, str | None]:
    owner = world.people.owner
    return {"owner_id": str(owner.id), "team_id": str(owner.team_id)}


async def _one(world: Any, collection: str, filter_: str) -> Record:
    """The one record of a list that fits ``filter_``."""
    headers = world.token(world.people.owner)
    answer = await world.client.get(collection, params={"filter": filter_}, headers=headers)
    (record,) = answer.json()["items"]
    return dict(record)


async def _order(world: Any) -> Record:
    deal = await world.post("/v1/opportunities")
    for action in ("engage_opportunity", "win_opportunity"):
        deal = await world.done(world.operations[action], deal)
    return await _one(world, "/v1/orders", f"opportunity_id == '{deal['id']}'")


async def _drafted_contract(world: Any) -> Record:
    """A contract that somebody else has written, so that it can be approved."""
    record: Record = await world.post("/v1/contracts")
    await world.connection.execute("UPDATE contracts SET drafted_by = 'user:x' WHERE id = $1", UUID(record["id"]))
    return record


async def _approved_contract(world: Any) -> Record:
    drafted = await _drafted_contract(world)
    approved: Record = await world.done(world.operations["approve_contract"], drafted)
    return approved


async def _signed_contract(world: Any) -> Record:
    signed: Record = await world.done(world.operations["sign_contract"], await world.post("/v1/contracts"))
    return signed


async def _pooled_customer(world: Any) -> Record:
    """A customer whom nobody owns."""
    made: Record = await world.post("/v1/customers", owner_id=None, team_id=None)
    return made


async def _some_team(_: Any) -> dict[str, str]:
    """A team that has no rule yet."""
    return {"team_id": str(uuid4())}


async def _conflict(world: Any) -> Record:
    """The ERP system has another name for a customer than we have."""
    customer = await world.post("/v1/customers")
    message = ErpCustomerChanged(
        external_id=str(uuid4()), customer_id=UUID(customer["id"]), revision=1, name="theirs", changed=("name",)
    )
    await _tell(world, message)
    return await _one(world, "/v1/sync-conflicts", f"customer_id == '{customer['id']}'")


async def _linked_contact(world: Any) -> Record:
    """Somebody at a customer."""
    customer = await world.post("/v1/customers")
    made: Record = await world.post("/v1/contacts", links=[{"customer_id": customer["id"]}])
    return made


async def _subject(world: Any) -> Record:
    """Somebody about whom there is personal data; their key is for whoever may read it, not only for owners."""
    return {"id": (await world.post("/v1/contacts", phone="13800138000"))["id"]}


async def _its_customer(world: Any) -> dict[str, str]:
    """A customer of the newest contact."""
    headers = world.token(world.people.owner)
    answer = await world.client.get("/v1/contacts", params={"limit": 1, "sort": "-created_at"}, headers=headers)
    (contact,) = answer.json()["items"]
    return {"customer_id": contact["links"][0]["customer_id"]}


async def _its_link(world: Any) -> dict[str, str]:
    return await _its_customer(world) | {"title": "buyer"}


async def _known_customer(world: Any) -> dict[str, str]:
    """A customer whose events have arrived."""
    event = event_of(CustomerCreated)
    await _tell(world, event)
    return {"customer_id": str(event.state.id), "due_on": "2030-01-01"}


async def _plan(world: Any) -> Record:
    """The plan of a project, which nobody has edited yet; its id is the project's."""
    project: Record = await world.post("/v1/projects")
    return {**project, "version": 0}


async def _planned(world: Any) -> Record:
    """A project with something in its plan."""
    project: Record = await world.post("/v1/projects")
    await world.post("/v1/tasks", project_id=project["id"])
    return project


def _after_delivery(collection: str) -> Callable[[Any], Awaitable[Record]]:
    async def make(world: Any) -> Record:
        accepted = {"status": "accepted", "accepted_at": datetime(2026, 3, 1, tzinfo=UTC), "customer_id": str(uuid4())}
        event = event_of(DeliveryCompleted, **_owned(world), **accepted)
        await _tell(world, event)
        return await _one(world, collection, f"project_id == '{event.state.project_id}'")

    return make


async def _segment(world: Any) -> Record:
    """A segment whose members are settled, as a worker would have left it."""
    made: Record = await world.post("/v1/segments")
    await world.connection.execute("UPDATE segments SET status = 'current' WHERE id = $1", UUID(made["id"]))
    return made


async def _customer(world: Any) -> Record:
    made: Record = await world.post("/v1/customers")
    return made


async def _figures(world: Any) -> Record:
    """A customer about whom there are figures."""
    customer = event_of(CustomerCreated, **_owned(world))
    about = {"customer_id": str(customer.state.id), **_owned(world)}
    kinds = (OpportunityCreated, DeliveryCompleted, SurveySent)
    for event in (customer, *(event_of(kind, **about) for kind in kinds)):
        await _tell(world, event)
    return {"id": str(customer.state.id), **_owned(world)}


async def _simulation_begun(world: Any) -> Record:
    """The operation of a simulation that waits for a worker."""
    project = await world.post("/v1/projects")
    await world.post("/v1/tasks", project_id=project["id"])
    begun: Record = await world.done(world.operations["simulate_project"], project)
    return begun


async def _simulation_ended(world: Any) -> Record:
    """One of which nothing more will be heard, so that to watch it is not to wait."""
    begun = await _simulation_begun(world)
    await world.done(world.operations["cancel_project_operation"], begun)
    await worked_at(world, begun["id"], expect="cancelled")
    return begun


async def _simulation_paused(world: Any) -> Record:
    begun = await _simulation_begun(world)
    paused: Record = await world.done(world.operations["pause_project_operation"], begun)
    return paused


async def _simulation(world: Any) -> Record:
    """A simulation that has come to its results."""
    begun = await _simulation_begun(world)
    await worked_at(world, begun["id"])
    return {"id": begun["id"]}


async def _risk_scale(world: Any) -> Record:
    """A scale that is not the ready-made one."""
    made: Record = await world.done(world.operations["define_risk_scale"], None)
    return made


REPORTS = ("/v1/reports/customers", "report_sales", "report_deliveries", "report_satisfaction")

RECIPES: dict[tuple[str, str], Callable[[Any], Awaitable[Record]]] = {
    ("sales-svc", "/v1/orders"): _order,
    ("sales-svc", "approve_contract"): _drafted_contract,
    ("sales-svc", "return_contract"): _approved_contract,
    ("sales-svc", "fulfil_contract"): _signed_contract,
    ("sales-svc", "terminate_contract"): _signed_contract,
    ("customer-svc", "/v1/subject-keys"): _subject,
    ("customer-svc", "/v1/contacts"): _linked_contact,
    ("customer-svc", "/v1/sync-conflicts"): _conflict,
    ("customer-svc", "claim_customer"): _pooled_customer,
    ("customer-svc", "/v1/segments"): _segment,
    ("customer-svc", "preview_segment"): _customer,
    ("project-svc", "get_risk_scale"): _risk_scale,
    ("project-svc", "/v1/risk-simulations"): _simulation,
    ("project-svc", "/v1/project-operations"): _simulation_begun,
    ("project-svc", "list_project_operations"): _simulation_begun,
    ("project-svc", "watch_project_operation"): _simulation_ended,
    ("project-svc", "resume_project_operation"): _simulation_paused,
    ("project-svc", "edit_plan"): _plan,
    ("project-svc", "take_plan_file"): _plan,
    ("project-svc", "get_gantt"): _planned,
    ("service-desk-svc", "/v1/surveys"): _after_delivery("/v1/surveys"),
    ("service-desk-svc", "/v1/service-periods"): _after_delivery("/v1/service-periods"),
    **{("project-svc", name): recipe for name, recipe in plans.RECIPES.items()},
    **{("project-svc", name): recipe for name, recipe in control.RECIPES.items()},
    **{("analytics-svc", report): _figures for report in REPORTS},
    **{("customer-svc", name): recipe for name, recipe in customers.RECIPES.items()},
    **{("project-svc", name): recipe for name, recipe in deliveries.RECIPES.items()},
    **{("project-svc", name): recipe for name, recipe in execution.RECIPES.items()},
    **calendars.RECIPES,
    **identity.RECIPES,
}
"""By service, and path of the collection or operation id."""

_STEPS = [{"name": {"en": f"Step {number}", "zh": f"第{number}级"}, "value": f"0.{number}"} for number in range(1, 6)]
RISK_SCALE = {
    "probabilities": _STEPS,
    "impacts": _STEPS,
    "medium_from": 4,
    "high_from": 9,
    "critical_from": 16,
}

BODIES: dict[str, dict[str, Any] | Callable[[Any], Awaitable[dict[str, Any]]]] = {
    "create_pool_rule": _some_team,
    "create_opportunity": {"customer_id": str(uuid4()), "value": MONEY},
    "create_contract": {
        "value": MONEY,
        "our_signatory_id": str(uuid4()),
        "customer_signatory_id": str(uuid4()),
    },
    "create_saved_view": {"resource": "customers"},
    "create_segment": {"expression": "true"},
    "open_project": _known_customer,
    "change_link": _its_link,
    "make_primary": _its_customer,
    "unlink_contact": _its_customer,
    "assess_risk": {"impact": 3},
    **control.BODIES,
    "plan_risk_response": {"strategy": "accept"},
    "define_risk_scale": RISK_SCALE,
    "create_risk_rule": {"expression": "deliveries.overdue > 2"},
    **plans.BODIES,
    **customers.BODIES,
    **deliveries.BODIES,
    **execution.BODIES,
    **identity.BODIES,
}
"""What a body needs beside its required members, by operation id."""

CARD = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Wang Fang\r\nEND:VCARD\r\n"
PLAN_FILE = "<Project><StartDate>2026-05-06T08:00:00</StartDate></Project>"
TEXTS = {"import_contacts": CARD, "take_plan_file": PLAN_FILE, **customers.TEXTS, **deliveries.TEXTS}
"""Bodies that are not JSON, by operation id."""

QUERIES: dict[str, Callable[[Any, Any], Awaitable[dict[str, str]]]] = {
    **customers.QUERIES,
    **deliveries.QUERIES,
    **calendars.QUERIES,
}
"""What a query has to say, by operation id."""
