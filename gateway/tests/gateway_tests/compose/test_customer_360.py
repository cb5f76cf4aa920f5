import asyncio
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import httpx
import pytest

from crm_platform.testing.identity import caller
from gateway.proxy.routes import ROUTES
from gateway_tests.compose.world import CUSTOMER, CUSTOMER_BODY, REPORT_BODY, SERVICES, World, page
from gateway_tests.serving import API_KEY, RunningGateway

PATH = f"/api/v1/customers/{CUSTOMER}/360"
PARTS = {
    "customer": f"/v1/customers/{CUSTOMER}",
    "communications": "/v1/communications",
    "sales.opportunities": "/v1/opportunities",
    "sales.orders": "/v1/orders",
    "sales.contracts": "/v1/contracts",
    "projects.projects": "/v1/projects",
    "projects.deliveries": "/v1/deliveries",
    "projects.risks": "/v1/risks",
    "service.tickets": "/v1/tickets",
    "service.surveys": "/v1/surveys",
    "service.service_periods": "/v1/service-periods",
    "analytics": f"/v1/reports/customers/{CUSTOMER}",
}


def whole() -> dict[str, Any]:
    return {
        "customer": CUSTOMER_BODY,
        "communications": page("/v1/communications"),
        "sales": {
            "opportunities": page("/v1/opportunities"),
            "orders": page("/v1/orders"),
            "contracts": page("/v1/contracts"),
        },
        "projects": {
            "projects": page("/v1/projects"),
            "deliveries": page("/v1/deliveries"),
            "risks": page("/v1/risks"),
        },
        "service": {
            "tickets": page("/v1/tickets"),
            "surveys": page("/v1/surveys"),
            "service_periods": page("/v1/service-periods"),
        },
        "analytics": REPORT_BODY,
        "missing": [],
    }


def without(*parts: str) -> dict[str, Any]:
    """The view without these parts, and without saying why."""
    content = whole()
    for part in parts:
        group, _, name = part.partition(".")
        if name:
            content[group][name] = None
        else:
            content[group] = None
    del content["missing"]
    return content


def service_of(part: str) -> str:
    return SERVICES["/".join(PARTS[part].split("/")[:3])]


async def test_everything_there(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.get(PATH)

    assert (answer.status_code, answer.json()) == (200, whole())
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == list(whole())
    assert world.count() == len(PARTS)


async def test_each_service_is_asked_for_the_customers_newest_records(client: httpx.AsyncClient, world: World) -> None:
    await client.get(PATH)

    for path in SERVICES.keys() - {"/v1/customers", "/v1/reports"}:
        query = parse_qs(world.asked(path).query)
        assert query.pop("count", ["exact"]) == ["exact"]
        assert query == {"filter": [f"customer_id == '{CUSTOMER}'"], "sort": ["-created_at"], "limit": ["20"]}
    assert world.asked(f"/v1/customers/{CUSTOMER}").query == ""
    assert parse_qs(world.asked("/v1/opportunities").query)["count"] == ["exact"]


async def test_the_callers_token_and_ids_go_to_every_service(client: httpx.AsyncClient, world: World) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    answer = await client.get(PATH, headers={"accept-language": "zh", "traceparent": trace, "cookie": "a=b"})

    for path in PARTS.values():
        seen = world.asked(path)
        assert seen.header("authorization") == client.headers["authorization"]
        assert seen.header("x-correlation-id") == answer.headers["x-correlation-id"]
        assert (seen.header("traceparent") or "").split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
        assert seen.header("accept-language") == "zh"
        assert 0 < int(seen.header("crm-deadline-ms") or 0) <= 5000
        assert seen.header("cookie") is None


async def test_with_an_api_key_one_token_is_made(gateway: RunningGateway, world: World) -> None:
    gateway.tokens_made.clear()
    async with gateway.client() as client:
        client.headers["x-api-key"] = API_KEY
        answer = await client.get(PATH)

    assert answer.json() == whole()
    assert len(gateway.tokens_made) == 1
    assert API_KEY not in str(world.asked("/v1/orders").headers)


@pytest.mark.parametrize("part", sorted(PARTS))
@pytest.mark.parametrize(
    ("status", "problem", "code", "detail"),
    [
        (500, {"code": "internal_error", "detail": "坏了"}, "internal_error", "坏了"),
        (503, {"code": "unavailable", "detail": "No database."}, "unavailable", "No database."),
        (400, ["not a problem"], "http_400", "HTTP 400"),
    ],
)
async def test_a_part_that_fails_is_missing_alone(
    client: httpx.AsyncClient, world: World, part: str, status: int, problem: object, code: str, detail: str
) -> None:
    world.answer(PARTS[part], problem, status, content_type="application/problem+json")

    answer = await client.get(PATH)

    content = answer.json()
    assert answer.status_code == 200
    assert content.pop("missing") == [{"part": part, "service": service_of(part), "code": code, "detail": detail}]
    assert content == without(part)


@pytest.mark.parametrize("part", sorted(PARTS.keys() - {"customer"}))
async def test_a_part_that_the_caller_may_not_see_is_missing_alone(
    client: httpx.AsyncClient, world: World, part: str
) -> None:
    world.answer(PARTS[part], {"code": "forbidden", "detail": "No."}, 403, content_type="application/problem+json")

    content = (await client.get(PATH)).json()

    assert content.pop("missing") == [{"part": part, "service": service_of(part), "code": "forbidden", "detail": "No."}]
    assert content == without(part)


@pytest.mark.parametrize("part", ["customer", "sales.orders", "analytics"])
async def test_a_part_that_is_slow_is_missing_alone(client: httpx.AsyncClient, world: World, part: str) -> None:
    world.owner(PARTS[part]).blocked.add(PARTS[part])

    answer = await client.get(PATH, headers={"crm-deadline-ms": "2500"})

    content = answer.json()
    assert answer.status_code == 200
    [missing] = content.pop("missing")
    assert (missing["part"], missing["service"], missing["code"]) == (part, service_of(part), "deadline_exceeded")
    assert content == without(part)
    await asyncio.wait_for(world.owner(PARTS[part]).abandoned.wait(), 5)


@pytest.mark.parametrize("service", sorted(ROUTES))
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_service_that_is_down_takes_only_its_parts_along(
    client: httpx.AsyncClient, world: World, service: str, language: str
) -> None:
    detail = {
        "en": f"The service `{service}` does not answer at the moment; try again shortly.",
        "zh": f"服务“{service}”暂时没有响应，请稍后重试。",
    }
    parts = [part for part in PARTS if service_of(part) == service]

    with world.down(service):
        answer = await client.get(PATH, headers={"accept-language": language})

    content = answer.json()
    assert answer.status_code == 200
    assert content.pop("missing") == [
        {"part": part, "service": service, "code": "upstream_unavailable", "detail": detail[language]} for part in parts
    ]
    assert content == without(*parts)


async def test_all_services_down(client: httpx.AsyncClient, world: World) -> None:
    with world.down(*ROUTES):
        answer = await client.get(PATH)

    content = answer.json()
    assert answer.status_code == 200
    assert [missing["part"] for missing in content.pop("missing")] == list(PARTS)
    assert content == without(*PARTS)


async def test_a_customer_that_was_merged_leads_to_the_same_view_of_the_survivor(
    client: httpx.AsyncClient, world: World
) -> None:
    survivor = str(uuid4())
    world.answer(f"/v1/customers/{CUSTOMER}", {"code": "moved", "moved_to": survivor, "instance": "?"}, 308)

    answer = await client.get(PATH)

    assert (answer.status_code, answer.headers["location"]) == (308, f"/api/v1/customers/{survivor}/360")
    assert answer.json() == {"code": "moved", "moved_to": survivor, "instance": PATH}


@pytest.mark.parametrize(("status", "code"), [(404, "not_found"), (403, "forbidden"), (401, "unauthenticated")])
async def test_what_customer_svc_refuses_is_refused(
    client: httpx.AsyncClient, world: World, status: int, code: str
) -> None:
    problem = {"code": code, "status": status, "detail": "没有", "instance": f"/v1/customers/{CUSTOMER}"}
    world.answer(PARTS["customer"], problem, status, content_type="application/problem+json")
    world.owner(PARTS["analytics"]).blocked.add(PARTS["analytics"])

    answer = await client.get(PATH)

    assert (answer.status_code, answer.json()) == (status, {**problem, "instance": PATH})
    assert answer.headers["content-type"] == "application/problem+json"
    assert world.gateway.access.client.upstreams["analytics-svc"].in_flight == 0


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"<html></html>", "text/html"), (b"", "application/json"), (b"[" + b"1," * 60_000 + b"1]", "application/json")],
)
async def test_an_answer_that_cannot_be_used_is_missing(
    client: httpx.AsyncClient, world: World, content: bytes, content_type: str
) -> None:
    world.owner("/v1/orders").answers["/v1/orders"] = (200, {"content-type": content_type}, content)

    answer = (await client.get(PATH)).json()

    assert [(missing["part"], missing["code"]) for missing in answer.pop("missing")] == [
        ("sales.orders", "invalid_answer")
    ]
    assert answer == without("sales.orders")


async def test_numbers_and_unicode_are_kept_as_they_were_written(client: httpx.AsyncClient, world: World) -> None:
    body = b'{"amount": 10.50000000000000000001, "name":"\\u4e0a\xe6\xb5\xb7", "big": 123456789012345678901234567890}'
    world.owner("/v1/orders").answers["/v1/orders"] = (200, {"content-type": "application/json"}, body)

    answer = await client.get(PATH)

    assert b'"orders":' + body in answer.content


async def test_nothing_is_asked_for_a_caller_without_the_scope(gateway: RunningGateway, world: World) -> None:
    async with gateway.client(caller("orders:read")) as client:
        answer = await client.get(PATH)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert world.count() == 0


async def test_nothing_is_asked_without_a_caller(gateway: RunningGateway, world: World) -> None:
    async with gateway.client() as client:
        answer = await client.get(PATH)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert world.count() == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [("/api/v1/customers/1/360", "invalid_parameter"), (f"{PATH}?limit=5", "unknown_parameter")],
)
async def test_bad_requests(client: httpx.AsyncClient, world: World, path: str, code: str) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert world.count() == 0


async def test_the_services_are_left_when_the_client_leaves(client: httpx.AsyncClient, world: World) -> None:
    tickets = world.owner("/v1/tickets")
    tickets.blocked.add("/v1/tickets")
    asking = asyncio.ensure_future(client.get(PATH))
    await asyncio.wait_for(tickets.arrived.wait(), 5)

    asking.cancel()

    await asyncio.wait_for(tickets.abandoned.wait(), 5)


async def test_other_paths_of_a_customer_go_to_the_service(client: httpx.AsyncClient, world: World) -> None:
    assert (await client.get(f"/api/v1/customers/{CUSTOMER}")).json() == CUSTOMER_BODY
    assert (await client.get(f"/api/v1/customers/{uuid4()}")).status_code == 404
    assert world.count() == 2
