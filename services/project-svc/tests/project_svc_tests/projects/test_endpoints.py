from typing import Any
from uuid import UUID

import httpx

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, told


async def test_a_project_is_shown_with_its_version(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project = await open_project(approve=False)

    first = await client.get(f"/v1/projects/{project['id']}")
    again = await client.get(f"/v1/projects/{project['id']}", headers={"if-none-match": '"1"'})

    assert (first.status_code, first.json(), first.headers["etag"]) == (200, project, '"1"')
    assert (again.status_code, again.content) == (304, b"")


async def test_lists_filter_and_sort(client: httpx.AsyncClient, open_project: OpenProject, customer_id: UUID) -> None:
    for name, due_on in (("丙", "2024-03-01"), ("乙", "2024-02-01"), ("甲", "2024-01-31")):
        await open_project(name=name, starts_on="2024-01-01", due_on=due_on, approve=name == "乙")

    async def names(**params: str) -> list[str]:
        answer = await client.get("/v1/projects", params=params)
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert await names(sort="due_on") == ["甲", "乙", "丙"]
    assert await names(sort="-name") == sorted(["甲", "乙", "丙"], reverse=True)
    assert await names(filter="status == 'active'") == ["乙"]
    assert await names(filter=f"customer_id == '{customer_id}' && due_on < date('2024-02-02')", sort="due_on") == [
        "甲",
        "乙",
    ]
    assert await names(filter=f"customer_id == '{new_id()}'") == []


async def test_the_plan_of_a_project_can_be_changed(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project(budget={"amount": "100.5", "currency": "CNY"})
    path, fresh = f"/v1/projects/{project['id']}", {"if-match": '"2"'}

    without = await client.patch(path, json={"name": "New"})
    right = await client.patch(path, json={"name": "  新名称 ", "due_on": "2030-01-01", "budget": None}, headers=fresh)
    stale = await client.patch(path, json={"name": "Newer"}, headers=fresh)
    nothing = await client.patch(path, json={"name": "新名称"}, headers={"if-match": '"3"'})

    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    assert right.status_code == 200
    expected = {**project, "version": 3, "name": "新名称", "due_on": "2030-01-01", "budget": None}
    assert right.json() == {**expected, "updated_at": right.json()["updated_at"]}
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    assert (nothing.status_code, nothing.headers["etag"]) == (200, '"3"')
    assert await told(service, "project") == [("project.opened", 1), ("project.started", 2), ("project.updated", 3)]


NO_PLANS: list[tuple[dict[str, Any], int, str]] = [
    ({"name": None}, 422, "invalid_payload"),
    ({"name": "   "}, 422, "invalid_payload"),
    ({"status": "closed"}, 422, "invalid_payload"),
    ({"owner_id": None}, 422, "invalid_payload"),
    ({"due_on": "9999-12-31"}, 422, "invalid_payload"),
    ({"due_on": "2019-02-30"}, 422, "invalid_payload"),
    ({"budget": {"amount": "NaN", "currency": "CNY"}}, 422, "invalid_payload"),
    ({"due_on": "1999-01-01"}, 409, "due_before_start"),
    ({"starts_on": "2199-12-31", "due_on": "2199-12-30"}, 409, "due_before_start"),
]


async def test_a_change_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()

    for body, status, code in NO_PLANS:
        answer = await client.patch(f"/v1/projects/{project['id']}", json=body, headers={"if-match": '"2"'})
        assert (answer.status_code, answer.json()["code"]) == (status, code), body

    assert (await client.get(f"/v1/projects/{project['id']}")).json() == project
    assert len(await told(service, "project")) == 2


async def test_the_plan_of_a_project_that_is_over_stays(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    for actions in (("complete",), ("complete", "close"), ("cancel",)):
        project = await open_project()
        ended = await done(client, f"projects/{project['id']}", *actions)

        answer = await client.patch(
            f"/v1/projects/{project['id']}", json={"name": "x"}, headers={"if-match": f'"{ended["version"]}"'}
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "project_ended"), actions


async def test_who_sees_a_project(service: RunningService, agent: Caller, open_project: OpenProject) -> None:
    team, other_team = new_id(), new_id()
    mine = await open_project(name="mine", template="training")
    theirs = await open_project(name="theirs", owner_id=str(new_id()), team_id=str(team), template="training")
    pool = await open_project(name="pool", owner_id=None, template="training")
    everybody = {
        "own": colleague(agent, visibility="own"),
        "team": colleague(agent, visibility="team", team_ids=[team]),
        "elsewhere": colleague(agent, visibility="team", team_ids=[other_team]),
        "all": colleague(agent, visibility="all"),
    }
    expected = {"own": {"pool"}, "team": {"pool", "theirs"}, "elsewhere": {"pool"}, "all": {"mine", "pool", "theirs"}}

    for who, person in everybody.items():
        async with service.as_(person) as them:
            for path in ("projects", "deliveries", "risks"):
                page = (await them.get(f"/v1/{path}")).json()["items"]
                ids = {item.get("project_id", item["id"]) for item in page}
                seen = {p["name"] for p in (mine, theirs, pool) if p["id"] in ids}
                assert seen == expected[who], (who, path)
            for project in (mine, theirs, pool):
                status = 200 if project["name"] in expected[who] else 404
                for part in ("", "/deliveries", "/risks", "/risk-matrix"):
                    assert (await them.get(f"/v1/projects/{project['id']}{part}")).status_code == status, (who, part)
            if "mine" not in expected[who]:
                refused = await act(them, f"projects/{mine['id']}", "pause", mine["version"])
                assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
