import httpx
import pytest
from fastapi.routing import APIRoute

from crm_platform.context import Caller
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from project_svc_tests.conftest import OpenProject


def routes(service: RunningService) -> list[tuple[str, str, str]]:
    """Method, path and scope of every route of this service."""
    return [
        (method, route.path, (route.openapi_extra or {})["x-required-scope"])
        for router in service.service.routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


async def call(client: httpx.AsyncClient, method: str, path: str, ids: dict[str, str]) -> httpx.Response:
    body: dict[str, str] = {}
    return await client.request(
        method, path.format(**ids), json=None if method == "GET" else body, headers={"if-match": '"1"'}
    )


@pytest.fixture
async def ids(client: httpx.AsyncClient, open_project: OpenProject) -> dict[str, str]:
    project = await open_project(template="training", approve=False)
    delivery = (await client.get(f"/v1/projects/{project['id']}/deliveries")).json()["items"][0]
    risk = (await client.get(f"/v1/projects/{project['id']}/risks")).json()["items"][0]
    return {"project_id": project["id"], "delivery_id": delivery["id"], "risk_id": risk["id"]}


async def written(service: RunningService) -> int:
    ((count,),) = await service.sql("SELECT count(*) FROM outbox")
    assert isinstance(count, int)
    return count


async def test_there_are_the_routes_that_we_mean_to_have(service: RunningService) -> None:
    assert len(routes(service)) == 1 + 3 + 7 + 8 + 7
    assert {scope for _, _, scope in routes(service)} == {
        f"{plural}:{kind}" for plural in ("projects", "deliveries", "risks") for kind in ("read", "write")
    }


async def test_nobody_gets_in_without_token_or_scope(
    service: RunningService, agent: Caller, ids: dict[str, str]
) -> None:
    before = await written(service)
    for method, path, scope in routes(service):
        others = {"projects:read", "projects:write", "deliveries:read", "deliveries:write", "risks:read", "risks:write"}
        async with service.as_(None) as anonymous, service.as_(colleague(agent, *(others - {scope}))) as lacking:
            first = await call(anonymous, method, path, ids)
            second = await call(lacking, method, path, ids)
        assert (first.status_code, first.json()["code"]) == (401, "unauthenticated"), (method, path)
        assert (second.status_code, second.json()["code"]) == (403, "forbidden"), (method, path)
    assert await written(service) == before


async def test_another_tenant_finds_nothing(service: RunningService, ids: dict[str, str]) -> None:
    before = await written(service)
    bodies = {"assess": {"impact": 5}, "reject": {"reason": "x"}}
    async with service.as_(caller()) as stranger:
        for method, path, _ in routes(service):
            if "{" not in path:
                continue
            answer = await stranger.request(
                method,
                path.format(**ids),
                json=None if method == "GET" else bodies.get(path.rpartition("/")[2], {}),
                headers={"if-match": '"1"'},
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, path, answer.text)
        for path in ("projects", "deliveries", "risks"):
            page = (await stranger.get(f"/v1/{path}", params={"count": "exact"})).json()
            assert (page["items"], page["count"]["value"]) == ([], 0), path
        body = {"project_id": ids["project_id"], "name": "x", "due_on": "2024-01-01"}
        assert (await stranger.post("/v1/deliveries", json=body)).json()["code"] == "unknown_project"
        body = {"project_id": ids["project_id"], "title": "x", "category": "cost"}
        answer = await stranger.post("/v1/risks", json={**body, "probability": 1, "impact": 1})
        assert answer.json()["code"] == "unknown_project"
    assert await written(service) == before


async def test_who_cannot_see_a_project_cannot_add_to_it(
    service: RunningService, agent: Caller, ids: dict[str, str]
) -> None:
    async with service.as_(colleague(agent, visibility="own")) as other:
        body = {"project_id": ids["project_id"], "name": "x", "due_on": "2024-01-01"}
        delivery = await other.post("/v1/deliveries", json=body)
        body = {"project_id": ids["project_id"], "title": "x", "category": "cost"}
        risk = await other.post("/v1/risks", json={**body, "probability": 1, "impact": 1})

    assert [(answer.status_code, answer.json()["code"]) for answer in (delivery, risk)] == [
        (409, "unknown_project")
    ] * 2
