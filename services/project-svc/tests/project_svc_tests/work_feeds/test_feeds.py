"""What a person has to do in projects in their calendar program, as far as they may see it at that time."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar

from crm_contracts.identity.v1 import UserSnapshot, UserUpdated
from crm_platform.context import Caller, FieldRule
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.plan.support import Planner, work
from project_svc_tests.portfolio.test_portfolio import another, posted


async def address(service: RunningService, of: Caller) -> str:
    async with service.as_(of) as client:
        return str((await posted(client, "project-calendar-feeds", label="手机"))["path"])


async def fetched(service: RunningService, path: str, **headers: str) -> httpx.Response:
    async with service.as_(None) as program:
        return await program.get(path, headers=headers)


async def events(service: RunningService, path: str) -> list[Any]:
    answer = await fetched(service, path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


async def titles(service: RunningService, path: str) -> list[str]:
    return [str(event["summary"]) for event in await events(service, path)]


async def person(planner: Planner, of: Caller, name: str) -> dict[str, Any]:
    made = await posted(planner.api, "resources", name=name, kind="person", user_id=str(of.id))
    return {"assignments": [{"resource_id": made["id"]}]}


async def with_records(planner: Planner) -> dict[str, str]:
    """A delivery, an outcome, and a quality gate of the project; their ids by kind."""
    of = {"project_id": str(planner.project_id)}
    value = {"unit": "%", "baseline": "1", "target": "2", "review_on": "2026-09-30"}
    gate = {"name": "上线评审", "kind": "technical", "planned_on": "2026-03-12"}
    made = {
        "delivery": await posted(planner.api, "deliveries", **of, name="验收报告", due_on="2026-03-20"),
        "outcome": await posted(planner.api, "outcomes", **of, name="故障率", **value),
        "gate": await posted(planner.api, "quality-gates", **of, **gate),
    }
    return {kind: record["id"] for kind, record in made.items()}


async def test_tasks_by_the_schedule_and_what_is_due_are_in_the_calendar(planner: Planner) -> None:
    own = await person(planner, planner.who, "王芳")
    others = await person(planner, colleague(planner.who), "李雷")
    done: dict[str, Any] = {"actual_start": "2026-03-02T08:00:00Z", "actual_finish": "2026-03-02T17:00:00Z"}
    tasks = await planner.put(
        work("安装；调试", days=5, description="三号机房", **own),
        work("培训", "安装；调试", days=5, **others),
        work("已完成", **done, **own),
        {"key": "上线", "name": "上线", "kind": "milestone", "duration": 0, "predecessors": [{"task": "培训"}]},
    )
    records = await with_records(planner)
    path = await address(planner.service, replace(planner.who, language="zh"))

    found = await events(planner.service, path)

    assert [(event["uid"], event["summary"], event.decoded("dtstart"), event.decoded("dtend")) for event in found] == [
        (
            f"task-{tasks['安装；调试']}@guanxi",
            "任务: 安装；调试 · 智慧园区",
            datetime(2026, 3, 2, 8, tzinfo=UTC),
            datetime(2026, 3, 6, 17, tzinfo=UTC),
        ),
        (f"gate-{records['gate']}@guanxi", "质量门: 上线评审 · 智慧园区", date(2026, 3, 12), date(2026, 3, 13)),
        (
            f"milestone-{tasks['上线']}@guanxi",
            "里程碑: 上线 · 智慧园区",
            datetime(2026, 3, 13, 17, tzinfo=UTC),
            datetime(2026, 3, 13, 17, tzinfo=UTC),
        ),
        (
            f"delivery-{records['delivery']}@guanxi",
            "交付到期: 验收报告 · 智慧园区",
            date(2026, 3, 20),
            date(2026, 3, 21),
        ),
        (f"outcome-{records['outcome']}@guanxi", "成果评审: 故障率 · 智慧园区", date(2026, 9, 30), date(2026, 10, 1)),
    ]
    assert found[0]["description"] == "三号机房"
    assert max(map(len, (await fetched(planner.service, path)).content.split(b"\r\n"))) <= 75


async def test_what_is_unchanged_is_not_sent_again(planner: Planner) -> None:
    own = await person(planner, planner.who, "王芳")
    tasks = await planner.put(work("survey", days=2, **own))
    path = await address(planner.service, planner.who)
    first = await fetched(planner.service, path)
    tag = first.headers["etag"]

    again = await fetched(planner.service, path, **{"if-none-match": tag})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await planner.edit(tasks=[{"id": tasks["survey"], "duration": 1440}])
    moved = await fetched(planner.service, path, **{"if-none-match": tag})
    assert (moved.status_code, moved.headers["etag"] == tag) == (200, False)
    (before,) = Calendar.from_ical(first.content).walk("VEVENT")
    (after,) = Calendar.from_ical(moved.content).walk("VEVENT")
    assert [(one["uid"], one["sequence"]) for one in (before, after)] == [
        (f"task-{tasks['survey']}@guanxi", n) for n in (1, 2)
    ]
    assert after.decoded("dtend") == datetime(2026, 3, 4, 17, tzinfo=UTC)


async def test_a_calendar_shows_what_its_owner_may_see_at_that_time(planner: Planner) -> None:
    service, who = planner.service, planner.who
    mate, blind = colleague(who), colleague(who, visibility="own")
    own = await person(planner, mate, "韩梅")
    hidden = await person(planner, blind, "林涛")
    await planner.put(
        work("wiring", days=1, **own),
        work("painting", days=1, **hidden),
        {"key": "go", "name": "go-live", "kind": "milestone", "duration": 0},
    )
    theirs, nothing = await address(service, mate), await address(service, blind)
    assert await titles(service, theirs) == ["Task: wiring · 智慧园区"]
    assert await titles(service, nothing) == []

    path = f"/v1/projects/{planner.project_id}"
    await planner.api.patch(path, json={"member_ids": [str(mate.id)]}, headers={"if-match": '"1"'})
    assert sorted(await titles(service, theirs)) == ["Milestone: go-live · 智慧园区", "Task: wiring · 智慧园区"]
    await planner.api.patch(path, json={"member_ids": []}, headers={"if-match": '"2"'})
    assert await titles(service, theirs) == ["Task: wiring · 智慧园区"]
    await planner.api.post(f"{path}/cancel", json={"reason": "客户取消"}, headers={"if-match": '"3"'})
    assert await titles(service, theirs) == []


async def test_scopes_and_hidden_members_hold_for_calendars(planner: Planner) -> None:
    records = await with_records(planner)
    service, who = planner.service, planner.who
    few = replace(who, scopes=frozenset({"projects:read", "deliveries:read"}))
    veiled = replace(who, fields=(FieldRule("deliveries", "name", "masked"),))
    nameless = replace(who, fields=(FieldRule("projects", "name", "hidden"),))

    shown = [await events(service, await address(service, one)) for one in (few, veiled, nameless)]

    uids = [[str(event["uid"]) for event in one] for one in shown]
    gate, delivery, outcome = (f"{kind}-{records[kind]}@guanxi" for kind in ("gate", "delivery", "outcome"))
    assert uids == [[gate, delivery], [gate, outcome], []]


async def test_projects_of_others_are_not_in_the_calendar(planner: Planner) -> None:
    service = planner.service
    other = await another(planner, "数据迁移")
    await with_records(planner)
    await with_records(other)
    for who in (colleague(planner.who), caller()):
        assert await titles(service, await address(service, who)) == []
    reviewer = colleague(planner.who)
    gate = {"name": "安全评审", "kind": "data", "planned_on": "2026-04-01", "reviewer_ids": [str(reviewer.id)]}
    await posted(planner.api, "quality-gates", project_id=str(other.project_id), **gate)
    assert await titles(service, await address(service, reviewer)) == ["Quality gate: 安全评审 · 数据迁移"]


async def test_an_address_is_withdrawn_for_good(planner: Planner) -> None:
    made = await posted(planner.api, "project-calendar-feeds", label="手机")
    path, own = made["path"], f"/v1/project-calendar-feeds/{made['id']}"
    assert made == {**(await planner.api.get(own)).json(), "path": path}
    for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), path.replace(planner.who.tenant_id.hex, uuid4().hex)):
        assert (await fetched(planner.service, wrong)).status_code == 404
    assert (await fetched(planner.service, path)).status_code == 200

    answer = await planner.api.post(f"{own}/revoke", json={}, headers={"if-match": '"1"'})

    assert (answer.status_code, (await fetched(planner.service, path)).status_code) == (200, 404)


@pytest.mark.parametrize(
    ("changed", "active", "status"),
    [(("name",), True, 200), (("roles",), True, 404), (("team_id",), True, 404), ((), False, 404)],
)
async def test_other_rights_are_the_end_of_an_address(
    shared: RunningService, who: Caller, changed: tuple[str, ...], *, active: bool, status: int
) -> None:
    mate = colleague(who)
    path, theirs = await address(shared, who), await address(shared, mate)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    written = {"created_at": at, "created_by": "user:1", "updated_at": at, "updated_by": "user:1"}
    about = {"email": "a@b.cn", "name": "王芳", "team_id": None, "roles": (), "language": "zh", "active": active}
    user = UserSnapshot(id=who.id, version=2, **written, **about)
    for _ in range(2):
        await deliver(shared, UserUpdated(state=user, changed=changed), tenant_id=who.tenant_id)

    assert [(await fetched(shared, one)).status_code for one in (path, theirs)] == [status, 200]
    told = await shared.sql(
        "SELECT version FROM outbox WHERE tenant_id = $1 AND type = 'project_calendar_feed.revoked'", who.tenant_id
    )
    assert [row["version"] for row in told] == ([] if status == 200 else [2])
