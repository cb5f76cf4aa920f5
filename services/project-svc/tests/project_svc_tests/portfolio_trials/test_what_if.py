"""What another project would do: whom it overloads, when it fits, whom it delays, and what that costs."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from project_svc_tests.plan.support import DAY, Planner, work

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


def content(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {"charter": {"due_on": {"days": 60}}, "plan": {"currency": "CNY", "tasks": list(tasks)}}


async def published(planner: Planner, code: str, *tasks: dict[str, Any]) -> dict[str, Any]:
    draft = await posted(planner.api, "project-templates", code=code, content=content(*tasks))
    path = f"/v1/project-templates/{draft['id']}/publish"
    answer = await planner.api.post(path, json={}, headers={"if-match": '"1"'})
    assert answer.status_code == 200, answer.text
    return draft


async def test_a_project_of_a_template_is_tried_on_each_day(planner: Planner) -> None:
    fang, _ = await both(planner)
    await planner.edit(remove=[one["id"] for one in (await planner.plan())["tasks"]])
    install = {"key": "install", "name": "安装", "duration": 5 * DAY, "needs": [{"skills": ["安装"]}]}
    weld = {"key": "weld", "name": "焊接", "duration": DAY, "needs": [{"skills": ["焊接"]}]}
    held = {"constraint_kind": "SNET", "constraint_at": {"days": 2, "working": True, "minutes": 480}}
    await published(planner, "rollout", install | held, weld)
    before = await planner.told()

    found = await tried(planner.api, template="rollout", starts_on=[MONDAY, NEXT])

    now, later = found["options"]
    # It begins on a Wednesday: three days in this week, which are all too many, and two in the next, which are not.
    assert [(one["week"], one["resource_id"], one["wanted"], one["over"]) for one in now["overloads"]] == [
        (MONDAY, fang, 24, 24)
    ]
    assert (now["fits"], now["finishes_on"], later["fits"], later["finishes_on"]) == (
        *(False, "2127-01-14"),
        *(True, "2127-01-21"),
    )
    assert (now["levelled"]["finishes_at"], later["levelled"]["finishes_at"]) == (
        "2127-01-17T17:00:00Z",
        "2127-01-21T17:00:00Z",
    )
    assert [(one["task_name"], one["holders"]) for one in now["levelled"]["delays"]] == [("安装", ["move"])]
    assert (found["fits_on"], found["unassigned"]) == (
        NEXT,
        [{"task": "weld", "skills": ["焊接"], "resource_id": None}],
    )
    assert await planner.told() == before
    assert len((await planner.api.get("/v1/projects")).json()["items"]) == 2


async def test_by_due_date_a_project_of_a_template_goes_as_its_template_says(planner: Planner) -> None:
    _, other = await both(planner)
    install = {"key": "install", "name": "安装", "duration": 5 * DAY, "needs": [{"skills": ["安装"]}]}
    await published(planner, "rollout", install)

    found = await tried(planner.api, template="rollout", priority="by_due_date", search_weeks=0)

    (option,) = found["options"]  # due sixty days on, before the other project
    assert option["levelled"]["finishes_at"] == "2127-01-10T17:00:00Z"
    assert [(one["project_id"], one["after"]) for one in option["levelled"]["moved"]] == [
        (other, "2127-01-17T17:00:00Z")
    ]


async def test_what_is_not_there_is_refused_by_its_field(planner: Planner, working_service: RunningService) -> None:
    await published(planner, "empty")
    blind = replace(planner.who, id=new_id(), scopes=frozenset({"projects:read"}))

    async def refused(client: httpx.AsyncClient, language: str = "en", **given: Any) -> tuple[Any, ...]:
        headers = {"accept-language": language}
        answer = await client.post("/v1/portfolio/what-if", json={"starts_on": [MONDAY], **given}, headers=headers)
        told = answer.json()
        return answer.status_code, told["code"], [(one["pointer"], one["detail"]) for one in told.get("errors", ())]

    assert await refused(planner.api, project_id=str(uuid4())) == (
        *(409, "unknown_project"),
        [("/project_id", "There is no such project.")],
    )
    assert await refused(planner.api, "zh", template="rollout") == (
        *(409, "unknown_template"),
        [("/template", "没有该编码的已发布模板。")],
    )
    assert (await refused(planner.api, template="empty"))[:2] == (409, "nothing_to_try")
    assert (await refused(planner.api, template="implementation"))[:2] == (409, "nothing_to_try")
    both_given = await refused(planner.api, template="empty", project_id=str(planner.project_id))
    assert (both_given[0], both_given[2][0][0]) == (422, "/project_id")
    async with working_service.as_(blind) as client:
        assert (await refused(client, template="empty"))[:2] == (403, "forbidden")
    begun = "SELECT 1 FROM operations WHERE tenant_id = $1 AND kind = 'portfolio.what-if'"
    assert await planner.service.sql(begun, planner.who.tenant_id) == []


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
