"""Plans as files and pictures, by the routes."""

import gzip
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest

from project_svc.exchange.mspdi.reading import read
from project_svc_tests.plan.support import Planner, work

DATA = Path(__file__).resolve().parents[6] / "shared" / "data" / "msproject_xml"
FILES = sorted(path.name for path in DATA.glob("*.xml"))
XML = {"content-type": "application/xml"}


async def take(planner: Planner, content: bytes, *, version: int | None = None, **query: str) -> httpx.Response:
    """Send a file on the revision that is there, or on another."""
    tag = (await planner.api.get(planner.path)).headers["etag"] if version is None else f'"{version}"'
    return await planner.api.post(
        f"{planner.path}/file", params=query, content=content, headers={**XML, "if-match": tag}
    )


async def taken(planner: Planner, content: bytes, **query: str) -> dict[str, Any]:
    answer = await take(planner, content, version=None, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def given(planner: Planner, format: str) -> httpx.Response:
    answer = await planner.api.get(f"{planner.path}/file", params={"format": format})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("name", FILES)
async def test_a_real_file_is_taken_over_and_leaves_again_with_its_dates(planner: Planner, name: str) -> None:
    content = (DATA / name).read_bytes()
    file = read(BytesIO(content))
    first = await taken(planner, content)
    assert (first["created"], first["updated"], first["removed"]) == (len(file.tasks), 0, 0)

    again = await taken(planner, content)
    assert (again["created"], again["updated"], again["plan"]["version"]) == (
        0,
        len(file.tasks),
        first["plan"]["version"],
    )
    assert (again["resources_created"], again["calendars_created"]) == ([], [])

    back = read(BytesIO((await given(planner, "msproject")).content))
    assert [(one.uid, one.name, one.parent, one.notes) for one in back.tasks] == [
        (one.uid, one.name, one.parent, one.notes) for one in file.tasks
    ]
    works = {one.uid for one in file.tasks} - {one.parent for one in file.tasks}
    assert {one.uid: one.duration for one in back.tasks if one.uid in works} == {
        one.uid: one.duration for one in file.tasks if one.uid in works
    }
    assert sorted((one.before, one.after, one.kind.value, one.lag, one.elapsed) for one in back.links) == sorted(
        (one.before, one.after, one.kind.value, one.lag, one.elapsed) for one in file.links
    )


async def test_the_dates_of_all_kinds_of_links_are_those_of_microsoft_project(planner: Planner) -> None:
    """But that the last task ends on Friday evening here, and by the file on Monday morning, which is as late."""
    content = (DATA / "mspdirelations.xml").read_bytes()
    await taken(planner, content)
    file, back = read(BytesIO(content)), read(BytesIO((await given(planner, "msproject")).content))
    assert [one.start for one in back.tasks] == [one.start for one in file.tasks]
    assert [one.finish for one in back.tasks[:4]] == [one.finish for one in file.tasks[:4]]
    assert [str(one[-1].finish) for one in (back.tasks, file.tasks)] == ["2006-09-22 17:00:00", "2006-09-25 08:00:00"]


TASK = "<Task><UID>{uid}</UID><Name>{name}</Name><Duration>PT8H0M0S</Duration>{more}</Task>"


def project(*tasks: str, more: str = "") -> bytes:
    listed = "".join(tasks)
    return f"<Project><StartDate>2026-05-06T09:00:00</StartDate><Tasks>{listed}</Tasks>{more}</Project>".encode()


def task(uid: int, name: str = "", more: str = "") -> str:
    return TASK.format(uid=uid, name=name or f"任务{uid}", more=more)


def waits_for(uid: int) -> str:
    return f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID></PredecessorLink>"


def problems(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


async def test_times_are_those_of_the_zone_that_is_named(planner: Planner) -> None:
    deadline = task(1, more="<Deadline>2026-05-08T17:00:00</Deadline>")
    report = await taken(planner, project(deadline), time_zone="Asia/Shanghai")
    found = (await planner.api.get(f"/v1/tasks/{report['tasks']['1']}")).json()
    assert (found["deadline"], found["external_id"]) == ("2026-05-08T09:00:00+00:00", "msproject:1")
    assert (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()["starts_on"] == "2026-05-06"


async def test_a_file_that_was_edited_changes_the_tasks_that_it_brought(planner: Planner) -> None:
    first = await taken(planner, project(task(1), task(2), task(3)))
    own = (await planner.put(work("自己的")))["自己的"]
    second = await taken(planner, project(task(2, "改名"), task(4)))
    assert (second["created"], second["updated"], second["removed"]) == (1, 1, 0)
    third = await taken(planner, project(task(4), task(2, "改名")), missing="remove")
    assert (third["created"], third["updated"], third["removed"]) == (0, 2, 2)
    plan = await planner.plan()
    assert {(one["id"], one["name"]) for one in plan["tasks"]} == {
        (second["tasks"]["4"], "任务4"),
        (first["tasks"]["2"], "改名"),
        (own, "自己的"),
    }


async def test_what_is_put_otherwise_and_what_is_left_out_is_told(planner: Planner) -> None:
    elapsed = "<DurationFormat>8</DurationFormat>"
    by_hand = "<Manual>1</Manual><Start>2026-05-07T09:00:00</Start>"
    half = waits_for(1).replace("</PredecessorUID>", "</PredecessorUID><LinkLag>50</LinkLag><LagFormat>19</LagFormat>")
    rows = [task(2, more=elapsed), task(3, more=by_hand), task(4, more=half), task(5, more="<IsNull>1</IsNull>")]
    content = project(task(1), *rows)
    answer = await planner.api.post(
        f"{planner.path}/file", content=content, headers={**XML, "if-match": '"0"', "accept-language": "zh"}
    )
    report = answer.json()
    assert [(one["code"], one["count"]) for one in report["adapted"]] == [
        ("duration_by_the_clock", 1),
        ("lag_in_percent", 1),
        ("placed_by_hand", 1),
    ]
    assert report["left"] == [{"code": "blank_rows", "count": 1, "text": "空行"}]
    tasks = {one["external_id"]: one for one in (await planner.plan())["tasks"]}
    assert tasks["msproject:4"]["predecessors"][0]["lag"] == 240
    assert tasks["msproject:3"]["constraint_at"] == "2026-05-07T09:00:00+00:00"
    assert tasks["msproject:2"]["calendar_id"] == report["calendars_created"][0]


async def test_a_circle_is_refused_with_its_tasks_and_nothing_stays(planner: Planner) -> None:
    answer = await take(planner, project(task(1, more=waits_for(2)), task(2, more=waits_for(1))))
    assert (answer.status_code, answer.json()["code"]) == (409, "task_cycle")
    assert {one["name"] for one in answer.json()["tasks"]} == {"任务1", "任务2"}
    assert (await planner.plan())["version"] == 0
    assert (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()["starts_on"] == "2026-03-02"
    assert await planner.told() == []


async def test_what_a_plan_cannot_hold_is_told_by_the_task_of_the_file(planner: Planner) -> None:
    late = "<ActualStart>2026-05-08T09:00:00</ActualStart><PercentComplete>50</PercentComplete>"
    long = task(7, more="").replace("PT8H0M0S", "PT1000000H0M0S")
    answer = await take(planner, project(task(1, more=late), long))
    assert (answer.status_code, answer.json()["code"]) == (422, "file_unreadable")
    assert problems(answer) == [("Task 7/duration", "less_than_equal")]


ENTITY = b'<!DOCTYPE p [<!ENTITY a "ha">]><Project><Title>&a;</Title></Project>'
BOMB = gzip.compress(b" " * (97 * 1024 * 1024))


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (ENTITY, {}, 422, "file_unreadable"),
        (b"", {}, 422, "file_unreadable"),
        (b"PK\x03\x04", {}, 422, "file_unreadable"),
        (b"{}", {"content-type": "application/json"}, 415, "unsupported_media_type"),
        (b"<Project/>", {"content-encoding": "br"}, 415, "unsupported_media_type"),
        (b"<Project/>", {"content-encoding": "gzip"}, 422, "file_not_gzip"),
        (zlib.compress(b"<Project/>"), {"content-encoding": "gzip"}, 422, "file_not_gzip"),
        (BOMB, {"content-encoding": "gzip"}, 413, "file_too_large"),
    ],
    ids=["entity", "empty", "zip", "json", "brotli", "not-gzip", "deflate", "bomb"],
)
async def test_nobody_is_harmed_by_a_file(
    planner: Planner, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await planner.api.post(
        f"{planner.path}/file", content=content, headers={**XML, "if-match": '"0"', **headers}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await planner.plan())["version"] == 0


async def test_a_packed_file_is_read(planner: Planner) -> None:
    headers = {**XML, "if-match": '"0"', "content-encoding": "gzip"}
    answer = await planner.api.post(f"{planner.path}/file", content=gzip.compress(project(task(1))), headers=headers)
    assert (answer.status_code, answer.json()["created"], answer.headers["etag"]) == (200, 1, '"1"')


async def test_a_file_on_an_older_revision_is_refused(planner: Planner) -> None:
    await planner.put(work("a"))
    answer = await take(planner, project(task(1)), version=0)
    assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")


async def test_an_unknown_time_zone_is_refused(planner: Planner) -> None:
    answer = await take(planner, project(task(1)), time_zone="Asia/Atlantis")
    assert (answer.status_code, answer.json()["detail"]) == (400, "Parameter `time_zone`: There is no such time zone.")


async def planned(planner: Planner) -> None:
    """A summary of two tasks, one after the other, and a milestone."""
    await planner.edit(
        tasks=[
            {"key": "p", "name": "=阶段一"},
            work("调研", days=2, parent="p"),
            work("培训", "调研", days=3, parent="p"),
            {"key": "m", "name": "验收", "kind": "milestone", "predecessors": [{"task": "p"}]},
        ]
    )


async def test_a_plan_leaves_as_a_table_that_is_safe_to_open(planner: Planner) -> None:
    await planned(planner)
    answer = await given(planner, "csv")
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%E6%99%BA%E6%85%A7%E5%9B%AD%E5%8C%BA.csv"
    )
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("No.,WBS code,Task,Kind,Duration (h),Start,Finish,")
    assert [line.split(",")[:5] for line in lines[1:]] == [
        ["1", "", "'=阶段一", "summary", "0.00"],
        ["2", "", "  调研", "task", "16.00"],
        ["3", "", "  培训", "task", "24.00"],
        ["4", "", "验收", "milestone", "0.00"],
    ]
    assert lines[3].split(",")[12:] == ["2FS", "", ""]


async def test_a_plan_leaves_as_a_calendar(planner: Planner) -> None:
    await planned(planner)
    answer = await given(planner, "icalendar")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode()
    assert text.count("BEGIN:VEVENT") == 3
    assert "SUMMARY:调研 · 智慧园区\r\n" in text
    assert "DTSTART:20260304T080000Z\r\nDTEND:20260306T170000Z" in text


async def test_a_plan_is_drawn(planner: Planner) -> None:
    await planned(planner)
    path = f"{planner.path}/gantt"
    svg = await planner.api.get(path)
    assert (svg.status_code, svg.headers["content-type"]) == (200, "image/svg+xml")
    assert [name in svg.text for name in ("=阶段一", "调研", "培训", "验收", "Critical")] == [True] * 5
    some = await planner.api.get(path, params={"first": 2, "rows": 1}, headers={"accept-language": "zh"})
    assert [name in some.text for name in ("=阶段一", "调研", "培训", "关键任务")] == [False, True, False, True]
    png = await planner.api.get(path, params={"format": "png"})
    assert (png.headers["content-type"], png.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    pdf = pypdfium2.PdfDocument((await planner.api.get(path, params={"format": "pdf"})).content)
    assert "调研" in "".join(pdf[0].get_textpage().get_text_range().split())


def baseline(number: int, start: str, finish: str, hours: int, cost: int) -> str:
    dates = f"<Start>2026-05-{start}:00</Start><Finish>2026-05-{finish}:00</Finish>"
    sizes = f"<Duration>PT{hours}H0M0S</Duration><Work>PT{2 * hours}H0M0S</Work><Cost>{cost}</Cost>"
    return f"<Baseline><Number>{number}</Number>{dates}{sizes}</Baseline>"


EARLIER = baseline(1, "04T09:00", "04T17:00", 7, 90_000)
CURRENT = baseline(0, "05T09:00", "06T09:00", 8, 120_050)
UNDATED = "<Baseline><Number>0</Number><Work>PT1H0M0S</Work></Baseline>"


def with_baselines() -> bytes:
    parent = task(1).replace("<Duration>", "<OutlineLevel>1</OutlineLevel><Duration>")
    child = task(2, more=EARLIER + CURRENT).replace("<Duration>", "<OutlineLevel>2</OutlineLevel><Duration>")
    return project(parent, child, task(3, more=UNDATED))


async def baselines_of(planner: Planner) -> list[dict[str, Any]]:
    return list((await planner.api.get(f"/v1/projects/{planner.project_id}/baselines")).json()["items"])


async def test_baselines_of_a_file_are_put_on_record_once_and_leave_again(planner: Planner) -> None:
    """The current one, number 0, is the last; what a summary was follows from its tasks."""
    first = await taken(planner, with_baselines())
    assert (first["left"], len(first["baselines_created"])) == (
        [{"code": "baselines", "count": 1, "text": "baselines of tasks that name no dates"}],
        2,
    )
    current, earlier = await baselines_of(planner)
    assert [current["id"], earlier["id"]] == first["baselines_created"][::-1]
    known = ("number", "name", "external_id", "work", "starts_at", "task_count", "plan_revision")
    assert [tuple(one[name] for name in known) for one in (current, earlier)] == [
        (2, "Baseline", "msproject:0", 480, "2026-05-05T09:00:00+00:00", 1, 1),
        (1, "Baseline 1", "msproject:1", 420, "2026-05-04T09:00:00+00:00", 1, 1),
    ]
    (kept,) = (await planner.api.get(f"/v1/baselines/{current['id']}")).json()["tasks"]
    assert kept == {
        "task_id": first["tasks"]["2"],
        "name": "任务2",
        "starts_at": "2026-05-05T09:00:00+00:00",
        "finishes_at": "2026-05-06T09:00:00+00:00",
        "work": 480,
        "cost": {"amount": "1200.5", "currency": "CNY"},
        "critical": False,
        "fixed_cost": {"amount": "0", "currency": "CNY"},
        "effort": 960,
    }
    assert (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()["status"] == "planned"

    assert (await taken(planner, with_baselines()))["baselines_created"] == []
    file = read(BytesIO(with_baselines()))
    left = (await given(planner, "msproject")).content
    back = read(BytesIO(left))
    assert sorted(back.tasks[1].baselines, key=lambda one: one.number) == sorted(
        file.tasks[1].baselines, key=lambda one: one.number
    )
    assert back.tasks[0].baselines == back.tasks[1].baselines
    assert (await taken(planner, left))["baselines_created"] == []
    assert len(await baselines_of(planner)) == 2


async def test_the_baseline_that_was_set_last_leaves_as_the_current_one(planner: Planner) -> None:
    """The one of the file that was the current one gets a free number."""
    await taken(planner, with_baselines())
    path = f"/v1/projects/{planner.project_id}/baselines"
    assert (await planner.api.post(path, json={"name": "批准"})).status_code == 201
    back = read(BytesIO((await given(planner, "msproject")).content))
    assert [(one.number, str(one.start)) for one in back.tasks[1].baselines] == [
        (0, "2026-05-06 08:00:00"),
        (1, "2026-05-04 09:00:00"),
        (2, "2026-05-05 09:00:00"),
    ]
    assert [(one.number, one.duration) for one in back.tasks[2].baselines] == [(0, 480)]


BASELINE_BAR = 'fill="#9a9a9a"'


async def test_a_chart_shows_the_baseline_that_is_asked_for(planner: Planner) -> None:
    """Bars of the baseline and one in the legend; a summary has one where a task in it has."""
    await taken(planner, with_baselines())
    path, ids = f"{planner.path}/gantt", [one["id"] for one in await baselines_of(planner)]
    pictures = [
        (await planner.api.get(path, params=asked, headers={"accept-language": "zh"})).text
        for asked in ({}, {"baseline": "current"}, {"baseline": ids[0]}, {"baseline": ids[1]}, {"baseline": "none"})
    ]
    assert [picture.count(BASELINE_BAR) for picture in pictures] == [3, 3, 3, 3, 0]
    assert ["基线" in picture for picture in pictures] == [True, True, True, True, False]
    assert (pictures[0], pictures[0]) == (pictures[1], pictures[2])
    assert pictures[3] != pictures[0]


async def test_a_baseline_of_another_project_or_none_is_not_drawn(planner: Planner) -> None:
    await taken(planner, with_baselines())
    (mine, _), path = await baselines_of(planner), f"{planner.path}/gantt"
    project = (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()
    body = {"customer_id": project["customer_id"], "name": "二期", "starts_on": "2026-03-02", "due_on": "2026-12-31"}
    other = (await planner.api.post("/v1/projects", json=body)).json()["id"]
    theirs = await planner.api.get(f"/v1/projects/{other}/plan/gantt", params={"baseline": mine["id"]})
    assert (theirs.status_code, theirs.json()["code"]) == (409, "baseline_of_another_project")
    unknown = await planner.api.get(path, params={"baseline": other})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    odd = await planner.api.get(path, params={"baseline": "latest"})
    assert (odd.status_code, odd.json()["detail"]) == (
        400,
        "Parameter `baseline`: That is neither the id of a baseline nor `current` or `none`.",
    )


async def test_nothing_cannot_be_drawn(planner: Planner) -> None:
    answer = await planner.api.get(f"{planner.path}/gantt")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_draw")
    assert (await given(planner, "msproject")).content.count(b"<Task>") == 1
