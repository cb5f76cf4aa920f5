from urllib.parse import parse_qs

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from gateway_tests.compose.world import (
    CONTRACT,
    CONTRACT_BODY,
    CUSTOMER,
    CUSTOMER_BODY,
    OPPORTUNITY,
    OPPORTUNITY_BODY,
    PROJECT,
    PROJECT_BODY,
    World,
    page,
)
from gateway_tests.serving import RunningGateway

PATH = f"/api/v1/projects/{PROJECT}/360"
WHOLE = {
    "project": PROJECT_BODY,
    "customer": CUSTOMER_BODY,
    "opportunity": OPPORTUNITY_BODY,
    "contract": CONTRACT_BODY,
    "deliveries": page("/v1/deliveries"),
    "risks": page("/v1/risks"),
    "service": {
        "tickets": page("/v1/tickets"),
        "surveys": page("/v1/surveys"),
        "service_periods": page("/v1/service-periods"),
    },
    "missing": [],
}


async def test_a_project_from_all_sides(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.get(PATH)

    assert (answer.status_code, answer.json()) == (200, WHOLE)
    assert parse_qs(world.asked("/v1/risks").query)["filter"] == [f"project_id == '{PROJECT}'"]
    assert world.asked(f"/v1/customers/{CUSTOMER}").query == ""
    assert world.asked(f"/v1/opportunities/{OPPORTUNITY}").query == ""
    assert world.asked(f"/v1/contracts/{CONTRACT}").query == ""


async def test_a_project_without_deal_and_contract_misses_nothing(client: httpx.AsyncClient, world: World) -> None:
    project = {**PROJECT_BODY, "opportunity_id": None, "contract_id": None}
    world.answer(f"/v1/projects/{PROJECT}", project)

    answer = await client.get(PATH)

    assert answer.json() == {**WHOLE, "project": project, "opportunity": None, "contract": None}
    assert world.services["sales-svc"].requests == []


async def test_what_hangs_on_the_project_is_missing_with_it(client: httpx.AsyncClient, world: World) -> None:
    world.answer(f"/v1/projects/{PROJECT}", {"code": "unavailable", "detail": "Later."}, 503)

    answer = (await client.get(PATH)).json()

    assert answer.pop("missing") == [
        {"part": "project", "service": "project-svc", "code": "unavailable", "detail": "Later."},
        {
            "part": "customer",
            "service": "customer-svc",
            "code": "subject_missing",
            "detail": "It cannot be asked for without the `project`, which is missing too.",
        },
        {
            "part": "opportunity",
            "service": "sales-svc",
            "code": "subject_missing",
            "detail": "It cannot be asked for without the `project`, which is missing too.",
        },
        {
            "part": "contract",
            "service": "sales-svc",
            "code": "subject_missing",
            "detail": "It cannot be asked for without the `project`, which is missing too.",
        },
    ]
    whole = {**WHOLE, "project": None, "customer": None, "opportunity": None, "contract": None}
    del whole["missing"]
    assert answer == whole


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_project_that_is_refused(client: httpx.AsyncClient, world: World, status: int) -> None:
    world.answer(f"/v1/projects/{PROJECT}", {"code": "x", "instance": "?"}, status)

    answer = await client.get(PATH)

    assert (answer.status_code, answer.json()) == (status, {"code": "x", "instance": PATH})
    assert world.services["customer-svc"].requests == []


async def test_a_customer_of_a_project_that_is_hidden_is_only_missing(client: httpx.AsyncClient, world: World) -> None:
    world.answer(f"/v1/customers/{CUSTOMER}", {"code": "not_found", "detail": "There is none."}, 404)

    answer = await client.get(PATH)

    missing = {"part": "customer", "service": "customer-svc", "code": "not_found", "detail": "There is none."}
    assert (answer.status_code, answer.json()) == (200, {**WHOLE, "customer": None, "missing": [missing]})


async def test_home_is_about_the_caller(client: httpx.AsyncClient, world: World, agent: Caller) -> None:
    answer = await client.get("/api/v1/home")

    assert answer.json() == {
        "opportunities": page("/v1/opportunities"),
        "tickets": page("/v1/tickets"),
        "risks": page("/v1/risks"),
        "missing": [],
    }
    filters = {
        path: parse_qs(world.asked(path).query)["filter"][0]
        for path in ("/v1/opportunities", "/v1/tickets", "/v1/risks")
    }
    assert filters == {
        "/v1/opportunities": f"owner_id == '{agent.id}' && stage in ['prospecting', 'engaging']",
        "/v1/tickets": f"assignee_id == '{agent.id}' && status in ['new', 'assigned']",
        "/v1/risks": f"owner_id == '{agent.id}' && exceeded && status != 'closed'",
    }


async def test_home_needs_no_scope_of_its_own(gateway: RunningGateway, world: World) -> None:
    world.answer("/v1/risks", {"code": "forbidden", "detail": "This operation needs the scope `risks:read`."}, 403)
    async with gateway.client(caller("tickets:read")) as client:
        answer = await client.get("/api/v1/home")

    assert answer.status_code == 200
    assert answer.json()["tickets"] == page("/v1/tickets")
    assert answer.json()["risks"] is None
    assert [(missing["part"], missing["code"]) for missing in answer.json()["missing"]] == [("risks", "forbidden")]


async def test_home_needs_a_caller(gateway: RunningGateway, world: World) -> None:
    async with gateway.client() as client:
        assert (await client.get("/api/v1/home")).status_code == 401
    assert world.count() == 0
