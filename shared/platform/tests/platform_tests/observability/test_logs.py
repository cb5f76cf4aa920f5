"""Log lines of a real process: one JSON object per line, one line per request, nothing secret."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from crm_platform.context import Caller
from crm_platform.settings import LogSettings
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE
from platform_tests.observability.processes import Running, running
from platform_tests.observability.troubled import SECRET

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


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    return await start_service(SERVICE)


@pytest.fixture
def agent() -> Caller:
    return caller()


def authorised(service: RunningService, who: Caller, **headers: str) -> dict[str, str]:
    return {"authorization": f"Bearer {service.issuer.token(who)}", **headers}


@pytest.fixture
async def process(service: RunningService, tmp_path: Path) -> AsyncIterator[Running]:
    settings = service.settings.model_copy(update={"log": LogSettings()})
    factory = "platform_tests.observability.troubled:create_app"
    async with running("crm_platform.serve", factory, settings, tmp_path / "log") as process:
        yield process


def requests_of(process: Running) -> list[dict[str, Any]]:
    return [line for line in process.lines() if line["event"] == "request"]


async def test_every_request_is_one_line_that_says_who_did_what(
    process: Running, service: RunningService, agent: Caller
) -> None:
    correlation = str(uuid4())
    ours = authorised(service, agent, **{"x-correlation-id": correlation})
    created = await process.client.post("/v1/customers", json={"name": "客户"}, headers=ours)
    id = created.json()["id"]
    await process.client.get(f"/v1/customers/{id}", headers=authorised(service, agent))
    await process.client.get("/v1/customers/42", headers=authorised(service, agent))
    await process.client.get("/v1/nowhere")
    await process.client.get("/health/live")
    await process.client.get("/metrics")
    await process.end()

    lines = requests_of(process)

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


async def test_nothing_secret_is_logged_whatever_happens(
    process: Running, service: RunningService, agent: Caller
) -> None:
    token = service.issuer.token(agent)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": f"key-{SECRET}", "cookie": f"session={SECRET}"}
    posted = await process.client.post("/v1/customers", json={"name": "Acme", "phone": SECRET}, headers=headers)
    answers = [
        await process.client.get("/v1/customers", params={"filter": f"phone == '{SECRET}'"}, headers=headers),
        await process.client.post("/v1/customers", json={"name": 1, "phone": SECRET}, headers=headers),
        await process.client.post(
            "/v1/customers", content=f'{{"phone": "{SECRET}"', headers={**headers, "content-type": "application/json"}
        ),
        await process.client.post("/v1/trouble/row", headers={"authorization": f"Bearer {token}"}),
        await process.client.post("/v1/trouble/bug", content=SECRET, headers={"authorization": f"Bearer {token}"}),
        await process.client.get("/v1/customers", headers={"authorization": f"Bearer {token[:-4]}"}),
        await process.client.get("/v1/customers", headers={"authorization": f"Basic {SECRET}"}),
    ]
    await process.end()

    assert posted.status_code == 201
    assert [answer.status_code for answer in answers] == [200, 422, 400, 500, 500, 401, 401]
    text = process.log.read_text(encoding="utf-8")
    assert SECRET not in text
    assert token not in text
    assert token.rsplit(".", 1)[1] not in text
    assert not re.search("authorization|bearer", text, flags=re.IGNORECASE)
    assert all(SECRET not in answer.text for answer in answers[3:])


async def test_a_failure_is_logged_with_what_helps_to_find_it(
    process: Running, service: RunningService, agent: Caller
) -> None:
    correlation = str(uuid4())
    ours = authorised(service, agent, **{"x-correlation-id": correlation})
    answer = await process.client.post("/v1/trouble/bug", content=SECRET, headers=ours)
    await process.end()

    assert (answer.status_code, answer.json()["correlation_id"]) == (500, correlation)
    (failure,) = [line for line in process.lines() if line["event"] == "request_failed"]
    assert failure["level"] == "error"
    assert (failure["method"], failure["path"]) == ("POST", "/v1/trouble/bug")
    assert failure["correlation_id"] == correlation
    assert "ZeroDivisionError" in failure["exception"]
    assert "troubled.py" in failure["exception"]
    (request,) = requests_of(process)
    assert (request["status"], request["correlation_id"]) == (500, correlation)


async def test_lines_of_libraries_and_of_ours_have_the_same_form(
    process: Running, service: RunningService, agent: Caller
) -> None:
    await process.client.post("/v1/trouble/warning", headers=authorised(service, agent))
    await process.end()

    (line,) = [line for line in process.lines() if line["event"] == "something"]
    assert {name: line[name] for name in ("service", "level", "what", "number")} == {
        "service": "customer-svc",
        "level": "warning",
        "what": "客户",
        "number": 1,
    }


async def test_lines_of_requests_can_be_turned_off(service: RunningService, agent: Caller, tmp_path: Path) -> None:
    settings = service.settings.model_copy(update={"log": LogSettings(requests=False)})
    async with running("crm_platform.serve", "customer_svc.main:create_app", settings, tmp_path / "log") as process:
        answer = await process.client.get("/v1/customers", headers=authorised(service, agent))
        assert answer.status_code == 200
        await process.end()

        assert requests_of(process) == []
