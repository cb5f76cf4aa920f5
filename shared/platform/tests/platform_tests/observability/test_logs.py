"""Log lines of a real process: one JSON object per line, one line per request, nothing secret."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.settings import DatabaseSettings, LogSettings, ServiceSettings
from crm_platform.testing.identity import TokenIssuer
from crm_platform.testing.plugin import StartService
from crm_platform.testing.sealing import SEALING
from crm_platform.testing.waiting import until
from crm_runtime.pytest_plugin import MakeDatabase
from customer_svc.slices import SERVICE
from platform_tests.observability.processes import Running, running
from platform_tests.observability.support import with_settings
from platform_tests.observability.troubled import SECRET
from platform_tests.persistence.states import migrate_of

FIELDS = {
    "service",
    "event",
    "level",
    "timestamp",
    "method",
    "path",
    "route",
    "status",
    "ms",
    "correlation_id",
    "tenant",
    "actor",
}


@pytest.fixture(scope="session")
async def process(
    make_shared_database: MakeDatabase, issuer: TokenIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """A process that several tests ask; each finds its own lines by who has asked."""
    database = make_shared_database(SERVICE.package, **migrate_of(SERVICE))
    settings = ServiceSettings(
        service=SERVICE.name,
        db=DatabaseSettings(url=database.url, pool_max=3),
        auth=issuer.settings,
        log=LogSettings(),
        sealing=SEALING,
    )
    factory, log = "platform_tests.observability.troubled:create_app", tmp_path_factory.mktemp("logs") / "log"
    async with running("crm_platform.serve", factory, settings, log) as process:
        yield process


@pytest.fixture
def authorised(issuer: TokenIssuer, agent: Caller) -> dict[str, str]:
    return {"authorization": f"Bearer {issuer.token(agent)}"}


async def requests_of(process: Running, *correlations: str) -> list[dict[str, Any]]:
    """The lines of these requests, once there is one for each."""

    async def found() -> list[dict[str, Any]]:
        lines = [one for one in process.lines() if one["event"] == "request" and one["correlation_id"] in correlations]
        return lines if {line["correlation_id"] for line in lines} == set(correlations) else []

    return await until(found)


def correlated(*answers: httpx.Response) -> list[str]:
    return [answer.headers["x-correlation-id"] for answer in answers]


async def test_every_request_is_one_line_that_says_who_did_what(
    process: Running, authorised: dict[str, str], agent: Caller
) -> None:
    correlation = str(new_id())
    ours = {**authorised, "x-correlation-id": correlation}
    created = await process.client.post("/v1/customers", json={"name": "客户"}, headers=ours)
    id = created.json()["id"]
    answers = [
        created,
        await process.client.get(f"/v1/customers/{id}", headers=authorised),
        await process.client.get("/v1/customers/42", headers=authorised),
        await process.client.get("/v1/nowhere"),
    ]

    lines = await requests_of(process, *correlated(*answers))

    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/v1/customers", 201),
        ("GET", "/v1/customers/{customer_id}", 200),
        ("GET", "/v1/customers/{customer_id}", 400),
        ("GET", "unmatched", 404),
    ]
    for line in lines:
        assert set(line) == FIELDS
        assert (line["service"], line["level"]) == ("customer-svc", "info")
        assert 0 < line["ms"] < 60_000
        assert abs(datetime.fromisoformat(line["timestamp"]) - datetime.now(UTC)) < timedelta(minutes=5)
    assert lines[0]["correlation_id"] == correlation
    assert len({line["correlation_id"] for line in lines}) == 4
    assert lines[1]["path"] == f"/v1/customers/{id}"
    assert {(line["tenant"], line["actor"]) for line in lines[:3]} == {(str(agent.tenant_id), agent.actor)}
    assert (lines[3]["tenant"], lines[3]["actor"]) == (None, None)
    paths = {line["path"] for line in process.lines() if line["event"] == "request"}
    assert not [path for path in paths if path.startswith(("/health", "/metrics"))]


async def test_nothing_secret_is_logged_whatever_happens(process: Running, authorised: dict[str, str]) -> None:
    token = authorised["authorization"].removeprefix("Bearer ")
    headers = {**authorised, "idempotency-key": f"key-{SECRET}", "cookie": f"session={SECRET}"}
    client = process.client
    posted = await client.post("/v1/customers", json={"name": "Acme", "phone": SECRET}, headers=headers)
    broken = {**headers, "content-type": "application/json"}
    answers = [
        await client.get("/v1/customers", params={"phone": SECRET}, headers=headers),
        await client.post("/v1/customers", json={"name": 1, "phone": SECRET}, headers=headers),
        await client.post("/v1/customers", content=f'{{"phone": "{SECRET}"', headers=broken),
        await client.post("/v1/trouble/row", headers=authorised),
        await client.post("/v1/trouble/bug", content=SECRET, headers=authorised),
        await client.get("/v1/customers", headers={"authorization": f"Bearer {token[:-4]}"}),
        await client.get("/v1/customers", headers={"authorization": f"Basic {SECRET}"}),
    ]
    await requests_of(process, *correlated(*answers))

    assert posted.status_code == 201
    assert [answer.status_code for answer in answers] == [200, 422, 400, 500, 500, 401, 401]
    text = process.log.read_text(encoding="utf-8")
    assert SECRET not in text
    assert token not in text
    assert token.rsplit(".", 1)[1] not in text
    assert not re.search("authorization|bearer", text, flags=re.IGNORECASE)
    assert all(SECRET not in answer.text for answer in answers[3:])


async def test_a_failure_is_logged_with_what_helps_to_find_it(process: Running, authorised: dict[str, str]) -> None:
    answer = await process.client.post("/v1/trouble/bug", content=SECRET, headers=authorised)
    (correlation,) = correlated(answer)
    (request,) = await requests_of(process, correlation)

    assert (answer.status_code, answer.json()["correlation_id"]) == (500, correlation)
    (failure,) = [line for line in process.lines() if line["event"] == "request_failed" and correlation in str(line)]
    assert failure["level"] == "error"
    assert (failure["method"], failure["path"]) == ("POST", "/v1/trouble/bug")
    assert failure["correlation_id"] == correlation
    assert "ZeroDivisionError" in failure["exception"]
    assert "troubled.py" in failure["exception"]
    assert request["status"] == 500


async def test_lines_of_libraries_and_of_ours_have_the_same_form(process: Running, authorised: dict[str, str]) -> None:
    await requests_of(process, *correlated(await process.client.post("/v1/trouble/warning", headers=authorised)))

    ours = [line for line in process.lines() if line["event"] == "something"]
    theirs = [line for line in process.lines() if line["event"] == "careful with 客户"]

    common = {"service": "customer-svc", "level": "warning"}
    for line in (ours[0], theirs[0]):
        assert {name: line[name] for name in common} == common
        assert datetime.fromisoformat(line["timestamp"]).tzinfo is not None
    assert (ours[0]["what"], ours[0]["number"]) == ("客户", 1)


@pytest.mark.parametrize("wanted", [True, False])
async def test_lines_of_requests_can_be_turned_off(start_service: StartService, agent: Caller, wanted: bool) -> None:
    service = await start_service(SERVICE)
    with capture_logs() as lines:
        async with with_settings(service, log=LogSettings(requests=wanted)) as running, running.as_(agent) as client:
            assert (await client.get("/v1/customers")).status_code == 200

    assert ["request"] * wanted == [line["event"] for line in lines if line["event"] == "request"]
