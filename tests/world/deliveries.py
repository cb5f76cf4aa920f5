"""Deliveries that lie before the customer, and what goes with them."""

from collections.abc import Awaitable, Callable
from typing import Any

from crm_contracts.contact.v1 import ContactCreated, ContactStatus
from crm_platform.testing.plugin import deliver
from tests.world.events import event_of

Record = dict[str, Any]


async def delivery(world: Any) -> Record:
    """One of a project that is being carried out."""
    project = await world.post("/v1/projects")
    await world.done(world.operations["approve_project"], project)
    made: Record = await world.post("/v1/deliveries", project_id=project["id"])
    return made


async def _submitted(world: Any) -> Record:
    record = await delivery(world)
    for action in ("start_delivery", "submit_delivery"):
        record = await world.done(world.operations[action], record)
    return record


async def _to_settle(world: Any) -> Record:
    """One that was accepted but for an open point."""
    points = [{"description": "x", "due_on": "2030-01-01"}]
    record: Record = await world.done(world.operations["accept_delivery"], await _submitted(world), open_points=points)
    return record


async def _asked(world: Any) -> dict[str, str]:
    """A delivery to decide about, and a contact of its customer."""
    record = await _submitted(world)
    link = {"customer_id": record["customer_id"], "primary": True}
    event = event_of(ContactCreated, links=[link], status=ContactStatus.ACTIVE)
    await deliver(world.running, event, tenant_id=world.people.owner.tenant_id)
    return {"delivery_id": record["id"], "contact_id": str(event.state.id)}


async def _acceptance(world: Any) -> Record:
    """What is behind a link: its name, and the secret that opens it."""
    issued = await world.post("/v1/acceptance-links")
    return {"id": issued["path"].rpartition("/")[2], "secret": issued["secret"]}


async def _its_secret(_: Any, acceptance: Record) -> dict[str, str]:
    return {"secret": acceptance["secret"]}


async def _document(world: Any) -> Record:
    made: Record = await world.done(world.operations["add_delivery_document"], await delivery(world))
    return made


async def _about_project(world: Any, _: Any) -> dict[str, str]:
    """A project that gets a document."""
    project = await world.post("/v1/projects")
    return {"record_kind": "project", "record_id": project["id"]}


async def _of_project(world: Any) -> Record:
    """A document of a project."""
    made: Record = await world.done(world.operations["add_document"], None)
    return made


async def _with_evidence(world: Any) -> Record:
    """A link whose delivery has a document as evidence."""
    document = await _document(world)
    path = {"id": document["delivery_id"], "version": 1}
    started = await world.done(world.operations["start_delivery"], path)
    evidence = [{"document_id": document["id"]}]
    record = await world.done(world.operations["submit_delivery"], started, evidence=evidence)
    event = event_of(ContactCreated, links=[{"customer_id": record["customer_id"]}], status=ContactStatus.ACTIVE)
    await deliver(world.running, event, tenant_id=world.people.owner.tenant_id)
    given = {"delivery_id": record["id"], "contact_id": str(event.state.id)}
    issued = await world.post("/v1/acceptance-links", **given)
    name = issued["path"].rpartition("/")[2]
    return {"id": name, "secret": issued["secret"], "document_id": document["id"]}


async def _its_document(_: Any, acceptance: Record) -> dict[str, str]:
    return {"secret": acceptance["secret"], "document_id": acceptance["document_id"]}


async def _evaluated(world: Any) -> Record:
    """An outcome to look back at."""
    record = await world.post("/v1/outcomes")
    for action in ("measure_outcome", "evaluate_outcome"):
        record = await world.done(world.operations[action], record)
    return dict(record)


async def _accepted(world: Any) -> Record:
    """A delivery that counts in the rates."""
    record: Record = await world.done(world.operations["accept_delivery"], await _submitted(world))
    return record


RECIPES = {
    "/v1/deliveries": delivery,
    "/v1/delivery-documents": _document,
    "/v1/documents": _of_project,
    "/v1/acceptances": _acceptance,
    "get_acceptance_document": _with_evidence,
    "settle_open_point": _to_settle,
    "show_delivery_rates": _accepted,
    "review_outcome": _evaluated,
}

BODIES: dict[str, dict[str, Any] | Callable[[Any], Awaitable[dict[str, Any]]]] = {
    "create_delivery_schedule": {"count": 3},
    "issue_acceptance_link": _asked,
    "settle_open_point": {"point_id": 1},
    "plan_outcome": {"baseline": "1", "target": "2"},
    "update_outcome": {"name": "fewer faults"},
    "review_outcome": {"verdict": "achieved"},
}

QUERIES: dict[str, Callable[[Any, Any], Awaitable[dict[str, str]]]] = {
    "add_document": _about_project,
    "show_acceptance": _its_secret,
    "decide_acceptance": _its_secret,
    "submit_acceptance_form": _its_secret,
    "get_acceptance_document": _its_document,
}

TEXTS = dict.fromkeys(("add_document", "add_delivery_document"), "accepted\r\n")
