"""What PostgreSQL refuses becomes the right problem, and the connection stays usable or is thrown away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from crm_platform.context import Caller
from crm_platform.http.dependencies import ReaderDep, UnitOfWorkDep
from crm_platform.http.responses import JSON
from crm_platform.http.route import reads, service_router, writes
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from platform_tests.persistence.support import with_database

SECRET = "13800138000"

STATEMENTS = {
    "ok": "SELECT '{}'",
    "slow": "SELECT pg_sleep(20)::text",
    "unique": "INSERT INTO customer_refs SELECT * FROM customer_refs RETURNING system",
    "foreign": f"INSERT INTO customer_refs (system, external_id, customer_id) VALUES ('x', 'y', '{UUID(int=1)}')"
    " RETURNING system",
    "check": "INSERT INTO customers SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),"
    f" 'kind', 'robot', 'phone', '{SECRET}'))).* FROM customers c RETURNING name",
    "gone": "SELECT pg_terminate_backend(pg_backend_pid())::text",
    "broken": "SELEKT 1",
    "serialization": "DO $$ BEGIN RAISE serialization_failure; END $$",
}


def router_of(meeting: asyncio.Barrier) -> APIRouter:
    """Routes that do to the database what services should not."""
    router = service_router("Trouble")

    @router.get("/trouble/{name}", **reads("trouble:read"))
    async def read(name: str, reader: ReaderDep) -> Response:
        return Response(await reader.document(STATEMENTS[name]), media_type=JSON)

    @router.post("/trouble/{name}", **writes("trouble:write"))
    async def write(name: str, unit: UnitOfWorkDep) -> Response:
        await unit.connection.execute("UPDATE customers SET industry = 'touched'")
        await unit.connection.fetchval(STATEMENTS[name])
        return Response(b"{}", media_type=JSON)

    @router.post("/embrace", **writes("trouble:write"))
    async def embrace(request: Request, unit: UnitOfWorkDep) -> Response:
        first, second = await request.json()
        lock = "SELECT 1 FROM customers WHERE id = $1 FOR UPDATE"
        await unit.connection.execute(lock, UUID(first))
        await meeting.wait()
        await unit.connection.execute(lock, UUID(second))
        return Response(b"{}", media_type=JSON)

    return router


@pytest.fixture(autouse=True)
def _no_reports() -> Iterator[None]:
    """Spare us the long reports of failures that are wanted here."""
    with capture_logs():
        yield


@pytest.fixture
async def troubled(service: RunningService) -> AsyncIterator[RunningService]:
    """The service with impatient settings of the database, and with routes that make trouble."""
    router = router_of(asyncio.Barrier(2))
    limits: dict[str, Any] = {"pool_max": 2, "statement_timeout": 2.0, "lock_timeout": 0.1}
    async with with_database(service, router, **limits) as troubled:
        yield troubled


@pytest.fixture
async def client(troubled: RunningService, agent: Caller) -> AsyncIterator[httpx.AsyncClient]:
    async with troubled.as_(agent) as client:
        yield client


@pytest.fixture
async def customer(client: httpx.AsyncClient) -> dict[str, Any]:
    body = {"name": "Acme", "external_refs": [{"system": "erp", "external_id": "1"}]}
    answer = await client.post("/v1/customers", json=body)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


async def the_pool_is_sound(service: RunningService, client: httpx.AsyncClient, customer: dict[str, Any]) -> None:
    """All connections are back, work, and nothing of the failed request was kept."""
    pool = service.app.state.runtime.database.pool
    path = f"/v1/customers/{customer['id']}"
    answers = await asyncio.gather(*(client.get(path) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json() == customer
    assert pool.get_idle_size() == pool.get_size() <= 2


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("slow", 504, "deadline_exceeded"),
        ("unique", 409, "already_exists"),
        ("foreign", 409, "conflict"),
        ("gone", 503, "unavailable"),
        ("serialization", 503, "unavailable"),
        ("check", 500, "internal_error"),
        ("broken", 500, "internal_error"),
    ],
)
async def test_what_the_database_refuses_is_a_problem(
    troubled: RunningService,
    client: httpx.AsyncClient,
    customer: dict[str, Any],
    name: str,
    status: int,
    code: str,
) -> None:
    for method in ("GET", "POST"):
        answer = await client.request(method, f"/v1/trouble/{name}")

        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers.get("retry-after") == ("1" if status == 503 else None)
        assert "?" not in answer.json()["detail"]
        assert SECRET not in answer.text
        await the_pool_is_sound(troubled, client, customer)


async def test_a_lock_that_is_not_to_be_had_asks_to_come_back(
    troubled: RunningService, client: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    path = f"/v1/customers/{customer['id']}"
    async with troubled.locked("customers", customer["id"]):
        answer = await client.patch(path, json={"grade": "A"}, headers={"if-match": '"1"'})

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert await troubled.sql("SELECT 1 FROM outbox WHERE version > 1") == []
    await the_pool_is_sound(troubled, client, customer)


async def test_of_two_requests_that_wait_for_each_other_one_is_asked_to_come_back(
    service: RunningService, agent: Caller
) -> None:
    router = router_of(asyncio.Barrier(2))
    async with with_database(service, router, lock_timeout=8.0) as patient, patient.as_(agent) as client:
        one, other = [(await client.post("/v1/customers", json={"name": name})).json()["id"] for name in "ab"]
        answers = await asyncio.gather(
            client.post("/v1/embrace", json=[one, other]), client.post("/v1/embrace", json=[other, one])
        )

    assert sorted(answer.status_code for answer in answers) == [200, 503]
    (refused,) = [answer for answer in answers if answer.status_code == 503]
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("unavailable", "1")


async def test_sessions_ended_by_an_administrator_cost_no_more_than_the_requests_at_hand(
    troubled: RunningService, client: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    path = f"/v1/customers/{customer['id']}"
    statuses = set()
    for _ in range(20):
        await troubled.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'customer-svc' AND pid <> pg_backend_pid()"
        )
        answers = await asyncio.gather(*(client.get(path) for _ in range(3)))
        statuses |= {answer.status_code for answer in answers}

    assert statuses <= {200, 503}

    async def well() -> bool:
        return (await client.get(path)).status_code == 200

    await until(well)
    await the_pool_is_sound(troubled, client, customer)


async def test_a_request_for_which_no_connection_is_free_waits_for_one(
    troubled: RunningService, client: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    slow = [client.get("/v1/trouble/slow") for _ in range(4)]
    answers = await asyncio.gather(*slow, client.get(f"/v1/customers/{customer['id']}"))

    assert [answer.status_code for answer in answers] == [504] * 4 + [200]
    await the_pool_is_sound(troubled, client, customer)


async def test_a_record_that_does_not_exist_is_no_error_of_the_connection(
    troubled: RunningService, client: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(client.get(f"/v1/customers/{new_id()}") for _ in range(5)))

    assert {answer.status_code for answer in answers} == {404}
    await the_pool_is_sound(troubled, client, customer)
