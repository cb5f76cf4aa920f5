"""What GET routes answer is what the OpenAPI document says: bytes come from PostgreSQL, the document from models."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from sqlalchemy import insert

from analytics_svc.slices import SERVICE as ANALYTICS
from crm_contracts.registry import EVENTS
from crm_platform.context import Cause, system_caller
from crm_platform.db import Query
from crm_platform.errors import NotFound
from crm_platform.http.problems import problem_of
from crm_platform.ids import new_id
from crm_platform.operations.begin import begin
from crm_platform.runtime import Runtime
from crm_platform.service import Service
from crm_platform.settings import AuthSettings, DatabaseSettings, LogSettings
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService, deliver
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words
from crm_runtime.pytest_plugin import MakeDatabase
from customer_svc.slices import SERVICE as CUSTOMER
from gateway.bootstrap import ensure_tenant
from gateway.main import create_app
from gateway.settings import GatewaySettings, IdentitySettings
from gateway.slices import SERVICE as GATEWAY
from platform_tests.persistence.openapi import Operation, get_operations
from platform_tests.persistence.states import a_moment, a_text, any_of, any_state, events_of, migrate_of, without_rules
from platform_tests.persistence.surroundings import relate
from project_svc.slices import SERVICE as PROJECT
from sales_svc.slices import SERVICE as SALES
from service_desk_svc.slices import SERVICE as SERVICE_DESK

COUNT = 4
"""Records of each kind: some with everything that is optional, some without."""

Ids = dict[str, list[UUID]]

ASKED = {
    "/v1/consents/may-contact": {"subject": str(new_id()), "purpose": "newsletter", "channel": "email"},
}
"""Parameters without which nothing is answered."""

OF_RULES = {
    "/v1/acceptances/{name}",
    "/v1/baselines/{baseline_id}/comparison",
    "/v1/closing-reports/{report_id}/document",
    "/v1/delivery-documents/{document_id}",
    "/v1/portfolio/capacity",
    "/v1/portfolio/projects",
    "/v1/portfolio/totals",
    "/v1/project-templates/{template_id}",
    "/v1/projects/{project_id}/earned-value",
    "/v1/projects/{project_id}/optimised-schedule",
    "/v1/projects/{project_id}/risk-matrix",
    "/v1/projects/{project_id}/schedule",
    "/v1/risk-simulations/{simulation_id}/details",
}
"""What is behind a secret, or computed of records that fit each other; the service's own tests hold these answers."""


async def fill(app: FastAPI, service: Service, tenant: UUID) -> Ids:
    """Enter random records of every aggregate; those that belong to another record belong to a known one."""
    runtime: Runtime = app.state.runtime
    ids: Ids = {}
    async with runtime.database.transaction(tenant) as connection:
        unit = UnitOfWork(connection, system_caller(tenant, service.name), Cause(actor="user:1"))
        for aggregate in service.aggregates:
            fields = aggregate.spec.state.model_fields
            owners = {f"{name}_id": known for name, known in ids.items() if f"{name}_id" in fields}
            states = [
                any_state(aggregate, **{field: known[number % len(known)] for field, known in owners.items()})
                for number in range(COUNT)
            ]
            states[0] = states[0].with_(**_emptied(aggregate.spec.state, keep=set(owners)))
            written = await unit.insert_many(aggregate, states, events_of(service, aggregate)[0])
            ids[aggregate.name] = [state.id for state in written]
        ids["operation"] = await _begin(unit, service)
    return ids


async def _begin(unit: UnitOfWork, service: Service) -> list[UUID]:
    """Operations of every kind of the service, with results of both sorts."""
    begun = [await begin(unit, kind, any_of(kind.input)) for kind in service.operations]
    refusal = problem_of(NotFound(what=Words("record", "记录"), id=unit.caller.id), "en")
    told = "INSERT INTO operation_results (operation_id, number, outcome, problem) VALUES ($1, $2, $3, $4)"
    rows = [(one.id, *row) for one in begun for row in ((1, "created", None), (2, "failed", refusal))]
    await unit.connection.executemany(told, rows)
    return [one.id for one in begun]


def _emptied(model: Any, *, keep: set[str]) -> dict[str, Any]:
    """The optional fields of a state without a value."""
    own = {name for name, field in model.model_fields.items() if field.default is None and name not in keep}
    return dict.fromkeys(own - {"created_at", "created_by", "updated_at", "updated_by"})


def paths_of(operation: Operation, ids: Ids) -> list[str]:
    """The operation's path for every known record."""
    if not operation.parameters:
        return [operation.path]
    (parameter,) = operation.parameters
    what = parameter.removesuffix("_id")
    named = {name: found for name, found in ids.items() if name == what or name.endswith(f"_{what}")}
    if len(named) > 1:
        collection = operation.path.split(f"/{{{parameter}}}")[0].rsplit("/", 1)[1]
        named = {name: found for name, found in named.items() if collection.startswith(name.replace("_", "-"))}
    (known,) = named.values()
    return [operation.path.replace(f"{{{parameter}}}", str(id)) for id in known]


async def faults(client: httpx.AsyncClient, operation: Operation, ids: Ids) -> dict[str, Any]:
    """What is wrong with the answers to one operation, by path; an empty list is a fault too."""
    found: dict[str, Any] = {}
    shown = 0
    for path in paths_of(operation, ids):
        calls: list[dict[str, str]] = [ASKED.get(operation.path, {})]
        if operation.is_list and "templates" not in path:
            calls += [{"limit": "2"}, {"count": "exact"}, {"count": "estimate", "sort": "id"}]
        for params in calls:
            answer = await client.get(path, params=params)
            if answer.status_code != 200 or answer.headers["content-type"] != "application/json":
                found[path] = (answer.status_code, answer.text[:300])
                continue
            content = answer.json()
            shown += len(content["items"]) if operation.is_list else 1
            if wrong := operation.faults(content):
                found[f"{path} {params}"] = wrong
    if not shown:
        found.setdefault(operation.path, "nothing was shown")
    return found


async def all_faults(client: httpx.AsyncClient, operations: list[Operation], ids: Ids) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for operation in operations:
        found |= await faults(client, operation, ids)
    return found


async def start(start_service: StartService, service: Service) -> tuple[RunningService, UUID, Ids]:
    running = await start_service(service)
    await without_rules(running.admin_url, service)
    tenant = new_id()
    return running, tenant, await fill(running.app, service, tenant)


@pytest.mark.parametrize(
    ("service", "routes"),
    [(CUSTOMER, 6), (SALES, 7), (SERVICE_DESK, 6), (PROJECT, 10)],
    ids=lambda one: one.name if isinstance(one, Service) else "",
)
async def test_every_list_and_record_is_as_described(
    start_service: StartService, service: Service, routes: int
) -> None:
    running, tenant, ids = await start(start_service, service)
    if service is SALES:
        await _pay(running, tenant, ids["order"])
    if service is CUSTOMER:
        await relate(running, tenant, ids)
    operations = [one for one in get_operations(running.app.openapi()) if one.path not in OF_RULES]

    async with running.as_(caller(tenant_id=tenant)) as client:
        found = await all_faults(client, operations, ids)

    assert found == {}
    assert len(operations) >= routes


async def _pay(running: RunningService, tenant: UUID, orders: list[UUID]) -> None:
    """Payments of orders are no aggregate of their own."""
    table = SALES.metadata.tables["payments"]
    values = {
        "system": "erp",
        "amount_amount": Decimal("12.5000"),
        "amount_currency": "CNY",
        "received_on": date(2026, 3, 1),
        "recorded_by": "user:1",
    }
    runtime: Runtime = running.app.state.runtime
    async with runtime.database.transaction(tenant) as connection:
        for order in orders:
            own = {"id": new_id(), "order_id": order, "payment_id": a_text(), "recorded_at": a_moment()}
            query = Query(insert(table).values({**values, **own}))
            await connection.execute(query.text, *query.args())


async def test_every_report_is_as_described(start_service: StartService) -> None:
    running, tenant, _ = await start(start_service, ANALYTICS)
    customer = new_id()
    first_of = {event.aggregate_type: event for event in reversed(EVENTS.values())}
    for event in first_of.values():
        snapshot: Any = event.model_fields["state"].annotation
        for number in range(COUNT):
            fixed = {"version": 1, "id": new_id()}
            if "customer_id" in snapshot.model_fields and number % 2:
                fixed["customer_id"] = customer
            await deliver(running, event(state=any_of(snapshot, **fixed)), tenant_id=tenant)
    operations = list(get_operations(running.app.openapi()))

    async with running.as_(caller(tenant_id=tenant)) as client:
        found = await all_faults(client, operations, {"customer": [customer, new_id()]})

    assert found == {}
    assert len(operations) == 4


@pytest.fixture
async def gateway_app(make_database: MakeDatabase) -> AsyncIterator[FastAPI]:
    database = make_database(GATEWAY.package, **migrate_of(GATEWAY))
    settings = GatewaySettings(
        service="gateway",
        db=DatabaseSettings(url=database.url, pool_max=3),
        auth=AuthSettings(issuer="https://gateway.test"),
        log=LogSettings(requests=False),
        identity=IdentitySettings.model_validate(
            {"kek": "key of the tests", "argon2_memory_kib": 8, "argon2_time_cost": 1, "argon2_lanes": 1}
        ),
    )
    await without_rules(database.admin_url, GATEWAY)
    app = create_app(settings)
    async with LifespanManager(app):
        yield app


JOINED = ("/api/v1/customers/", "/api/v1/projects/", "/api/v1/home")
"""Views that the gateway joins from the answers of the services, which do not run here."""


async def test_everything_about_identity_is_as_described(gateway_app: FastAPI) -> None:
    runtime: Any = gateway_app.state.runtime
    who = {"email": "admin@acme.test", "password": "correct horse battery staple"}
    company = await ensure_tenant(
        runtime.database, "acme", "Acme", who["email"], who["password"], identity=runtime.settings.identity
    )
    ids = await fill(gateway_app, GATEWAY, company.tenant_id)
    document = gateway_app.openapi()
    operations = [one for one in get_operations(document) if not one.path.startswith(JOINED)]

    transport = httpx.ASGITransport(gateway_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        signed_in = await client.post("/api/v1/auth/sign-in", json={"tenant": "acme", **who})
        assert signed_in.status_code == 200, signed_in.text
        client.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"
        found = await all_faults(client, operations, ids)

    assert found == {}
    assert len(operations) >= 12
    assert len(operations) + 4 >= len(list(get_operations(document)))


BREACHES: tuple[tuple[str, object], ...] = (
    ("secret", "x"),
    ("id", 7),
    ("id", "no uuid"),
    ("created_at", "2026-01-01T00:00:00"),
    ("created_at", "yesterday"),
    ("kind", "robot"),
    ("annual_revenue", {"amount": 12.5, "currency": "CNY"}),
    ("annual_revenue", {"amount": "12.5", "currency": "CNY", "rate": "1"}),
    ("tags", None),
)


async def test_an_answer_that_breaks_the_promise_would_be_noticed(start_service: StartService) -> None:
    running, tenant, ids = await start(start_service, CUSTOMER)
    described = {one.path: one for one in get_operations(running.app.openapi())}
    operation = described["/v1/customers/{customer_id}"]
    async with running.as_(caller(tenant_id=tenant)) as client:
        answer = (await client.get(f"/v1/customers/{ids['customer'][0]}")).json()

    assert operation.faults(answer) == []
    assert operation.faults({name: value for name, value in answer.items() if name != "name"})
    for member, value in BREACHES:
        assert operation.faults({**answer, member: value}), (member, value)
