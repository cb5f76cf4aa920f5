"""Cycles, constraints that cannot hold, hostile plans; also when two edits come at once."""

import asyncio
from typing import Any

import pytest

from project_svc_tests.plan.support import DAY, Planner, work


async def test_a_cycle_is_refused_with_its_path(planner: Planner) -> None:
    answer = await planner.try_(tasks=[work("甲", "丙"), work("乙", "甲"), work("丙", "乙")])

    assert (answer.status_code, answer.json()["code"]) == (409, "task_cycle")
    names = [task["name"] for task in answer.json()["tasks"]]
    assert sorted(names) == ["丙", "乙", "甲"]
    assert names in [["甲", "乙", "丙"], ["乙", "丙", "甲"], ["丙", "甲", "乙"]]
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/tasks/0", "/tasks/1", "/tasks/2"}
    assert await planner.told() == []


async def test_tasks_that_are_inside_each_other_are_refused(planner: Planner) -> None:
    ids = await planner.put(work("a"), work("b", parent="a"))

    answer = await planner.try_(tasks=[{"id": ids["a"], "parent": ids["b"]}])

    assert (answer.status_code, answer.json()["code"]) == (409, "task_cycle")
    assert {task["id"] for task in answer.json()["tasks"]} == {ids["a"], ids["b"]}


async def test_two_links_that_make_a_cycle_together_do_not_come_at_once(planner: Planner) -> None:
    ids = await planner.put(work("a"), work("b"))

    async def link(before: str, after: str) -> int:
        body = {"predecessors": [{"task_id": ids[before]}]}
        answer = await planner.api.patch(f"/v1/tasks/{ids[after]}", json=body, headers={"if-match": '"1"'})
        return answer.status_code

    answers = await asyncio.gather(link("a", "b"), link("b", "a"))

    assert sorted(answers) == [200, 409]
    assert sum(len(task["predecessors"]) for task in (await planner.plan())["tasks"]) == 1


async def test_a_constraint_that_cannot_hold_names_what_pushes_it(planner: Planner) -> None:
    tight = {"constraint_kind": "FNLT", "constraint_at": "2026-03-04T17:00:00Z"}

    answer = await planner.try_(tasks=[work("a", days=2), work("b", "a", days=2, **tight)])

    assert (answer.status_code, answer.json()["code"]) == (409, "constraint_impossible")
    (conflict,) = answer.json()["conflicts"]
    assert [task["name"] for task in conflict["path"]] == ["a", "b"]
    assert (conflict["constraint_kind"], conflict["constraint_at"]) == ("FNLT", "2026-03-04T17:00:00+00:00")
    assert conflict["earliest"] == "2026-03-05T17:00:00+00:00"
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/tasks/1"]
    assert (await planner.plan())["version"] == 0


async def test_how_a_task_earns_has_to_make_sense(planner: Planner) -> None:
    step = {"name": "完成", "weight": 1}
    steady = work("loe", earning={"technique": "level_of_effort"})

    async def refused(**said: Any) -> list[tuple[str, str]]:
        plan = [work("base"), work("top"), work("in", parent="top"), steady, work("one", earning=said)]
        answer = await planner.try_(tasks=plan)
        assert answer.status_code == 409, answer.text
        return [(one["pointer"].removeprefix("/tasks/4/earning"), one["code"]) for one in answer.json()["errors"]]

    apportioned = "apportioned_effort"
    assert await refused(technique="weighted_milestones") == [("/milestones", "milestones_missing")]
    assert await refused(technique="zero_hundred", milestones=[step]) == [
        ("/milestones", "milestones_of_other_technique")
    ]
    assert await refused(technique=apportioned) == [("/base_task_id", "base_missing")]
    assert await refused(technique="fifty_fifty", base_task_id="base") == [("/base_task_id", "base_of_other_technique")]
    assert await refused(technique=apportioned, base_task_id="nowhere") == [("/base_task_id", "unknown_task")]
    for base in ("one", "top", "loe"):
        assert await refused(technique=apportioned, base_task_id=base) == [("/base_task_id", "base_not_discrete")]
    summary = await planner.try_(tasks=[work("a", earning={"technique": "fifty_fifty"}), work("b", parent="a")])
    assert [(one["pointer"], one["code"]) for one in summary.json()["errors"]] == [
        ("/tasks/0/earning", "summary_with_earning")
    ]
    assert await planner.told() == []


async def test_the_base_of_a_task_stays_as_long_as_that_earns_by_it(planner: Planner) -> None:
    said = {"technique": "apportioned_effort", "base_task_id": "a"}
    ids = await planner.put(work("a"), work("b", earning=said))
    shown = (await planner.plan())["tasks"][1]["earning"]

    gone = await planner.try_(remove=[ids["a"]])
    steady = await planner.try_(tasks=[{"id": ids["a"], "earning": {"technique": "level_of_effort"}}])
    both = await planner.try_(remove=[ids["a"], ids["b"]])

    assert shown == {"technique": "apportioned_effort", "milestones": [], "base_task_id": ids["a"]}
    at = f"/tasks/{ids['b']}/earning/base_task_id"
    assert [[(one["pointer"], one["code"]) for one in answer.json()["errors"]] for answer in (gone, steady)] == [
        [(at, "unknown_task")],
        [(at, "base_not_discrete")],
    ]
    assert both.status_code == 200


async def test_what_was_broken_before_is_no_reason_to_refuse_an_edit(planner: Planner) -> None:
    path = f"/v1/projects/{planner.project_id}"
    await planner.put(work("a", constraint_kind="MSO", constraint_at="2026-03-02T08:00:00Z"))
    later = await planner.api.patch(path, json={"starts_on": "2026-03-09"}, headers={"if-match": '"1"'})

    edited = await planner.try_(tasks=[work("b")])

    assert (later.status_code, edited.status_code) == (200, 200)
    conflicts = (await planner.api.get(f"{path}/schedule")).json()["conflicts"]
    assert [one["constraint_kind"] for one in conflicts] == ["MSO"]


async def test_a_deep_tree_is_no_trouble_and_a_plan_that_is_too_large_is_refused(planner: Planner) -> None:
    deep: list[dict[str, Any]] = [{"key": "0", "name": "0"}]
    deep += [{"key": str(level), "name": str(level), "parent": str(level - 1)} for level in range(1, 1500)]

    plan = await planner.edit(tasks=deep)
    many = await planner.try_(tasks=[{"name": "x"}] * 8501)
    more = await planner.try_(tasks=[{"name": "x"}] * 10_001)

    assert plan["task_count"] == 1500
    assert (many.status_code, many.json()["errors"][0]["code"]) == (409, "too_many_tasks")
    assert (more.status_code, more.json()["errors"][0]["pointer"]) == (422, "/tasks")
    assert (await planner.plan())["task_count"] == 1500


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("duration", -1),
        ("effort", -480),
        ("duration", 10**12),
        ("deadline", "0001-01-01T00:00:00Z"),
        ("deadline", "9999-12-31T23:59:59Z"),
        ("percent_complete", 101),
        ("kind", "summary"),
        ("fixed_cost", {"amount": "-1", "currency": "CNY"}),
    ],
)
async def test_absurd_values_are_refused_where_they_stand(planner: Planner, member: str, value: object) -> None:
    answer = await planner.try_(tasks=[work("a"), {"name": "b", member: value}])

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"/tasks/1/{member}")


async def test_a_plan_that_leaves_all_calendars_is_refused(planner: Planner) -> None:
    long = [work("0", days=10_000), *(work(str(n), str(n - 1), days=10_000) for n in range(1, 7))]
    answer = await planner.try_(tasks=long)

    assert (answer.status_code, answer.json()["code"]) == (409, "plan_out_of_calendar")
    assert DAY * 10_000 < 5_000_000
