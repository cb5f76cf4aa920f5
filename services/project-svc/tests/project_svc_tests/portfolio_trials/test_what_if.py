"""What another project would do: whom it overloads, when it fits, whom it delays, and what that costs."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from project_svc_tests.plan.support import Planner, work

MONDAY, NEXT = "2127-01-06", "2127-01-13"
RATE = [{"since": "2020-01-01", "rate": {"amount": "100", "currency": "CNY"}}]


async def posted(client: httpx.AsyncClient, collection: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/v1/{collection}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def tried(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    begun = await client.post("/v1/portfolio/what-if", json={"starts_on": [MONDAY], "search_weeks": 3, **body})
    assert begun.status_code == 202, begun.text

    async def over() -> dict[str, Any] | None:
        found = (await client.get(begun.headers["location"])).json()
        return dict(found) if found["finished_at"] is not None else None

    ended = await until(over, seconds=90)
    assert ended["status"] == "succeeded", ended
    return dict(ended["result"])


async def both(planner: Planner) -> tuple[str, str]:
    """Wang Fang is to do five days for a project that is planned, and would for a draft."""
    fang = await posted(planner.api, "resources", name="王芳", kind="person", skills=["安装"], rates=RATE)
    needed = {"assignments": [{"resource_id": fang["id"]}]}
    known = (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()
    body = {"customer_id": known["customer_id"], "name": "数据迁移", "starts_on": MONDAY, "due_on": "2127-06-30"}
    other = await posted(planner.api, "projects", **body)
    await replace(planner, project_id=UUID(other["id"])).put(work("move", days=5, **needed))
    await posted(planner.api, f"projects/{other['id']}/baselines", name="v1")
    await planner.put(work("a", days=5, **needed))
    return str(fang["id"]), str(other["id"])


async def test_a_draft_waits_for_people_and_would_fit_later(planner: Planner) -> None:
    fang, _ = await both(planner)
    before = await planner.told()

    found = await tried(planner.api, project_id=str(planner.project_id), starts_on=[MONDAY, NEXT])

    now, later = found["options"]
    (over,) = now["overloads"]
    assert (over["week"], over["resource_id"], over["name"]) == (MONDAY, fang, "王芳")
    assert [over[name] for name in ("capacity", "committed", "wanted", "over")] == [40, 40, 40, 40]
    levelled = now["levelled"]
    assert (now["fits"], now["finishes_on"]) == (False, "2127-01-10")
    assert (levelled["starts_at"], levelled["finishes_at"]) == ("2127-01-13T08:00:00Z", "2127-01-17T17:00:00Z")
    (delay,) = levelled["delays"]
    assert (delay["task_name"], delay["resource_name"], delay["holders"]) == ("a", "王芳", ["move"])
    assert (delay["since"], delay["until"]) == ("2127-01-06T08:00:00Z", "2127-01-10T17:00:00Z")
    assert levelled["moved"] == []
    (cash,) = levelled["cash"]
    assert (cash["month"], cash["currency"], cash["without"], cash["with_project"]) == (
        *("2127-01-01", "CNY"),
        *("4000", "8000"),
    )
    assert (later["fits"], later["overloads"], later["levelled"]["delays"]) == (True, [], [])
    assert (found["fits_on"], found["searched_until"], found["impossible"]) == (NEXT, "2127-01-27", [])
    assert await planner.told() == before


async def test_a_draft_that_goes_first_delays_others(planner: Planner) -> None:
    _, other = await both(planner)

    found = await tried(planner.api, project_id=str(planner.project_id), priority="first", search_weeks=0)

    (option,) = found["options"]
    assert option["levelled"]["finishes_at"] == "2127-01-10T17:00:00Z"
    assert option["levelled"]["moved"] == [
        {
            "project_id": other,
            "name": "数据迁移",
            "before": "2127-01-10T17:00:00Z",
            "after": "2127-01-17T17:00:00Z",
        }
    ]
    assert [one["task_name"] for one in option["levelled"]["delays"]] == ["move"]
    assert found["fits_on"] is None


async def test_others_projects_are_dates_without_names(planner: Planner, working_service: RunningService) -> None:
    fang, other = await both(planner)
    known = (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()
    async with working_service.as_(replace(planner.who, id=new_id(), visibility="own")) as stranger:
        body = {"customer_id": known["customer_id"], "name": "候选", "starts_on": MONDAY, "due_on": "2127-12-31"}
        own = await posted(stranger, "projects", **body)
        mine = replace(planner, api=stranger, project_id=UUID(own["id"]))
        await mine.put(work("mine", days=5, assignments=[{"resource_id": fang}]))

        first = (await tried(stranger, project_id=own["id"], priority="first"))["options"][0]["levelled"]
        last = (await tried(stranger, project_id=own["id"]))["options"][0]["levelled"]

    assert [(one["project_id"], one["name"]) for one in first["moved"]] == [(other, None)]
    assert [(one["task_id"], one["task_name"]) for one in first["delays"]] == [(None, None)]
    assert [(one["task_name"], one["holders"]) for one in last["delays"]] == [("mine", [])]


async def test_work_that_only_skills_are_known_of_is_tried_too(planner: Planner) -> None:
    await both(planner)

    found = await tried(planner.api, demands=[{"skill": "安装", "hours": [30, 10]}, {"skill": "培训", "hours": [0]}])

    (option,) = found["options"]
    assert [(one["week"], one["name"], one["resource_id"], one["over"]) for one in option["overloads"]] == [
        (MONDAY, "安装", None, 30)
    ]
    assert (option["levelled"], option["finishes_on"], found["fits_on"]) == (None, "2127-01-19", NEXT)


async def test_what_cannot_be_tried_is_refused(planner: Planner) -> None:
    _, other = await both(planner)
    known = (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()
    body = {"customer_id": known["customer_id"], "name": "空项目", "due_on": "2127-12-31"}
    empty = await posted(planner.api, "projects", **body)
    need = {"skill": "安装", "hours": [1]}

    async def refused(**given: Any) -> tuple[int, str]:
        answer = await planner.api.post("/v1/portfolio/what-if", json={"starts_on": [MONDAY], **given})
        return answer.status_code, answer.json()["code"]

    assert await refused(project_id=other) == (409, "already_committed")
    assert await refused(project_id=empty["id"]) == (409, "nothing_to_try")
    assert await refused(project_id=str(uuid4())) == (404, "not_found")
    assert await refused() == (422, "invalid_payload")
    assert await refused(demands=[need], starts_on=[MONDAY, "2199-12-30"]) == (422, "invalid_payload")
    assert await refused(project_id=other, demands=[need]) == (422, "invalid_payload")
    begun = "SELECT 1 FROM operations WHERE tenant_id = $1 AND kind = 'portfolio.what-if'"
    assert await planner.service.sql(begun, planner.who.tenant_id) == []


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"starts_on": []}, "/starts_on"),
        ({"search_weeks": 1000}, "/search_weeks"),
        ({"demands": [{"skill": "安装", "hours": [5, -1]}]}, "/demands/0/hours/1"),
        ({"priority": "soon"}, "/priority"),
    ],
)
async def test_questions_that_mean_nothing_are_refused(
    live: httpx.AsyncClient, given: dict[str, Any], pointer: str
) -> None:
    answer = await live.post("/v1/portfolio/what-if", json={"starts_on": [MONDAY], **given})

    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [pointer])
