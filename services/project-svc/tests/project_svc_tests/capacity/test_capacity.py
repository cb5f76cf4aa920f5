"""The heat map: what people can do, what projects need of them, and who may see for what."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from project_svc_tests.plan.support import DAY, Planner, work
from project_svc_tests.portfolio.test_portfolio import another, posted

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WRITTEN: dict[str, Any] = {"created_at": NOW, "created_by": "t", "updated_at": NOW, "updated_by": "t"}
SPAN = {"from": "2026-03-02", "to": "2026-03-22"}


async def shown(client: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    answer = await client.get("/v1/portfolio/capacity", params=SPAN | query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["is_current"] is True
    return dict(answer.json())


async def agreed(planner: Planner) -> None:
    """The plan becomes a baseline, by which a project is planned."""
    await posted(planner.api, f"projects/{planner.project_id}/baselines", name="v1")


async def person(planner: Planner, name: str, *skills: str, **fields: Any) -> str:
    made = await posted(planner.api, "resources", name=name, kind="person", skills=skills, **fields)
    return str(made["id"])


def by(id: str, **fields: Any) -> dict[str, Any]:
    return {"assignments": [{"resource_id": id, **fields}]}


async def wanted_twice(planner: Planner) -> tuple[str, Planner]:
    """Wang Fang is wanted by two projects in the second week, by one of them for half of her time."""
    fang = await person(planner, "王芳", "安装", user_id=str(planner.who.id))
    await planner.put(work("a", days=5), work("b", "a", days=5, **by(fang)))
    other = await another(planner, "数据迁移")
    await other.put(work("move", days=10, **by(fang, units=50)))
    await agreed(planner)
    await agreed(other)
    return fang, other


async def test_demand_of_all_projects_stands_against_capacity(planner: Planner) -> None:
    fang, _ = await wanted_twice(planner)
    week = {"week_starts_on": "2026-03-02"}
    task = (await planner.plan())["tasks"][0]["id"]
    sheet = await posted(
        planner.api, "timesheets", **week, entries=[{"task_id": task, "day": "2026-03-04", "minutes": 90}]
    )
    await planner.api.post(f"/v1/timesheets/{sheet['id']}/submit", json={}, headers={"if-match": '"1"'})

    found = await shown(planner.api)

    (row,) = found["rows"]
    assert (row["resource_id"], row["name"], row["skills"], row["kind"]) == (fang, "王芳", ["安装"], "person")
    assert [(one["capacity"], one["demand"], one["booked"], one["over"]) for one in row["cells"]] == [
        (40, 20, 1.5, 0),
        (40, 60, 0, 20),
        (40, 0, 0, 0),
    ]
    assert (found["people_over"], found["hours_over"], found["periods"][1]["starts_on"]) == (1, 20, "2026-03-09")
    causes = [(one["project_name"], one["task_name"], one["hours"]) for one in row["cells"][1]["causes"]]
    assert causes == [("智慧园区", "b", 40), ("数据迁移", "move", 20)]
    assert [one["causes"] for one in row["cells"][::2]] == [[], []]


async def test_what_may_not_be_seen_is_hours_without_names(planner: Planner, shared: RunningService) -> None:
    await wanted_twice(planner)

    async with shared.as_(replace(planner.who, id=new_id(), visibility="own")) as stranger:
        (row,) = (await shown(stranger))["rows"]
    async with shared.as_(replace(planner.who, scopes=frozenset({"resources:read"}))) as keeper:
        (same,) = (await shown(keeper))["rows"]
    async with shared.as_(replace(planner.who, tenant_id=new_id())) as foreigner:
        nothing = (await shown(foreigner))["rows"]

    cell = row["cells"][1]
    assert (cell["demand"], cell["over"], cell["causes"], cell["hidden"]) == (60, 20, [], 60)
    assert (same["cells"], nothing) == (row["cells"], [])


async def test_only_projects_that_are_committed_need_anybody(planner: Planner) -> None:
    fang, other = await wanted_twice(planner)
    draft = await another(planner, "候选项目")
    await draft.put(work("maybe", days=15, **by(fang)))
    for version, action in ((2, "approve"), (3, "pause")):
        path, match = f"/v1/projects/{other.project_id}/{action}", {"if-match": f'"{version}"'}
        assert (await other.api.post(path, json={}, headers=match)).status_code == 200

    (row,) = (await shown(planner.api))["rows"]

    assert [one["demand"] for one in row["cells"]] == [0, 40, 0]


async def test_demand_follows_plan_calendar_and_resource(planner: Planner) -> None:
    fang = await person(planner, "王芳")
    keys = await planner.put(work("a", days=5, **by(fang)), work("b", "a", days=2, **by(fang, effort=300)))
    await agreed(planner)
    before = (await shown(planner.api))["rows"][0]["cells"]
    await planner.edit(tasks=[{"id": keys["a"], "duration": 6 * DAY}])
    leave = [{"name": "休假", "first_on": "2026-03-04", "last_on": "2026-03-05", "spans": []}]
    calendar = await posted(planner.api, "work-calendars", name="王芳", exceptions=leave)
    patched = await planner.api.patch(
        f"/v1/resources/{fang}", json={"calendar_id": calendar["id"]}, headers={"if-match": '"1"'}
    )
    assert patched.status_code == 200, patched.text

    after = (await shown(planner.api))["rows"][0]["cells"]
    await planner.edit(remove=[keys["b"]])
    without = (await shown(planner.api))["rows"][0]["cells"]

    assert [(one["capacity"], one["demand"]) for one in before] == [(40, 40), (40, 5), (40, 0)]
    assert [(one["capacity"], one["demand"]) for one in after] == [(24, 24), (40, 29), (40, 0)]
    assert [one["demand"] for one in without] == [24, 24, 0]


async def test_skills_and_months_put_people_together(planner: Planner) -> None:
    await wanted_twice(planner)
    await person(planner, "李雷", "安装", "培训")
    await person(planner, "韩梅")

    by_skill = await shown(planner.api, by="skill", unit="month")
    trained = await shown(planner.api, skill="培训")

    rows = [(row["name"], row["resources"], row["cells"][0]["capacity"]) for row in by_skill["rows"]]
    assert rows == [("培训", 1, 176), ("安装", 2, 352), (None, 1, 176)]
    assert (by_skill["periods"], by_skill["rows"][1]["cells"][0]["demand"]) == (
        [{"starts_on": "2026-03-01", "ends_on": "2026-03-31"}],
        80,
    )
    assert (by_skill["rows"][1]["cells"][0]["people_over"], [row["name"] for row in trained["rows"]]) == (0, ["李雷"])


async def test_the_heat_map_is_drawn(planner: Planner, shared: RunningService, who: Caller) -> None:
    await wanted_twice(planner)
    await person(planner, "李雷")

    async with shared.as_(replace(who, language="zh")) as client:
        svg = await client.get("/v1/portfolio/capacity-chart", params=SPAN)
        png = await client.get("/v1/portfolio/capacity-chart", params=SPAN | {"format": "png"})

    root = ET.fromstring(svg.text)  # noqa: S314 - made here
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [one for one in texts if one in {"60/40", "20/40", "0/40"}] == ["20/40", "60/40", *["0/40"] * 4]
    assert texts.index("王芳") < texts.index("李雷")
    assert "1 人超负荷，共超出 20 小时" in svg.text
    assert "王芳，2026-03-09 – 2026-03-15：需 60/40 小时，已登记 0 小时" in svg.text
    assert png.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2020-01-01", "to": "2030-01-01"},
        {"from": "1e9"},
        {"unit": "day"},
        {"skill": ""},
    ],
)
async def test_ranges_that_mean_nothing_are_refused(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await api.get("/v1/portfolio/capacity", params=query)

    assert answer.status_code in {400, 422}, answer.text
    assert ("`to`" if "to" in query else next(iter(query))) in answer.text
