from typing import Any

import httpx
import pytest

from project_svc_tests.plan.support import DAY, Planner, work


def tree(plan: dict[str, Any]) -> list[tuple[str | None, str, str]]:
    """Outline numbers, names and kinds, in order."""
    return [(task["outline"], task["name"], task["kind"]) for task in plan["tasks"]]


async def test_a_plan_that_nobody_has_edited_is_empty_at_version_0(planner: Planner) -> None:
    answer = await planner.api.get(planner.path)

    assert (answer.status_code, answer.headers["etag"]) == (200, '"0"')
    plan = answer.json()
    assert (plan["id"], plan["version"], plan["task_count"], plan["tasks"]) == (str(planner.project_id), 0, 0, [])


async def test_a_whole_plan_comes_in_one_call_with_keys_of_the_clients(planner: Planner) -> None:
    edited = await planner.edit(
        tasks=[
            {"key": "p", "name": "阶段一"},
            work("a", days=2, parent="p"),
            work("b", "a", days=3, parent="p"),
            {"key": "m", "name": "验收", "kind": "milestone", "predecessors": [{"task": "p"}]},
        ]
    )

    plan = await planner.plan()
    assert tree(plan) == [
        ("1", "阶段一", "summary"),
        ("1.1", "a", "task"),
        ("1.2", "b", "task"),
        ("2", "验收", "milestone"),
    ]
    assert [task["level"] for task in plan["tasks"]] == [1, 2, 2, 1]
    assert {task["id"] for task in plan["tasks"]} == set(edited["keys"].values())
    assert plan["tasks"][2]["predecessors"] == [
        {"task_id": edited["keys"]["a"], "kind": "FS", "lag": 0, "elapsed": False}
    ]
    assert (edited["version"], edited["task_count"]) == (1, 4)
    assert (edited["starts_at"], edited["finishes_at"]) == ("2026-03-02T08:00:00+00:00", "2026-03-06T17:00:00+00:00")
    assert await planner.told() == [("task.planned", 1)] * 4 + [("plan.changed", 1)]


async def test_one_task_at_a_time_follows_the_same_rules(planner: Planner) -> None:
    body = {"project_id": str(planner.project_id), "name": "调研", "duration": 3 * DAY}
    first = await planner.api.post("/v1/tasks", json=body)
    second = await planner.api.post(
        "/v1/tasks", json={**body, "name": "设计", "predecessors": [{"task_id": first.json()["id"], "lag": DAY}]}
    )
    path = second.headers["location"]
    changed = await planner.api.patch(path, json={"duration": DAY}, headers={"if-match": second.headers["etag"]})

    assert (first.status_code, second.status_code, changed.status_code) == (201, 201, 200)
    assert (changed.json()["duration"], changed.json()["version"], changed.json()["position"]) == (DAY, 2, 1)
    assert (await planner.plan())["finishes_at"] == "2026-03-06T17:00:00+00:00"
    assert await planner.told() == [
        ("task.planned", 1),
        ("plan.changed", 1),
        ("task.planned", 1),
        ("plan.changed", 2),
        ("task.updated", 2),
        ("plan.changed", 3),
    ]


async def test_a_whole_tree_is_moved_in_one_call(planner: Planner) -> None:
    ids = await planner.put(
        {"key": "x", "name": "x"},
        {"key": "y", "name": "y"},
        *(work(key, parent="x") for key in ("a", "b", "c")),
        work("d", parent="y"),
    )

    order = [("y", None), ("c", "y"), ("d", "y"), ("a", "y")]
    await planner.edit(order=[{"task": ids[task], "parent": parent and ids[parent]} for task, parent in order])

    assert tree(await planner.plan()) == [
        ("1", "y", "summary"),
        ("1.1", "c", "task"),
        ("1.2", "d", "task"),
        ("1.3", "a", "task"),
        ("2", "x", "summary"),
        ("2.1", "b", "task"),
    ]


async def test_what_goes_takes_what_is_in_it_and_all_links_to_it(planner: Planner) -> None:
    ids = await planner.put(
        {"key": "p", "name": "p"}, work("a", parent="p"), work("b", "a", parent="p"), work("c", "b"), work("d", "c")
    )
    before = len(await planner.told())

    await planner.edit(remove=[ids["p"]])

    plan = await planner.plan()
    assert [(task["name"], len(task["predecessors"])) for task in plan["tasks"]] == [("c", 0), ("d", 1)]
    told = (await planner.told())[before:]
    assert sorted(told) == [
        ("plan.changed", 2),
        *[("task.removed", 2)] * 3,
        *[("task.updated", 2)] * 2,
    ]
    assert (await planner.api.get(f"/v1/tasks/{ids['a']}")).status_code == 404


async def test_an_edit_of_nothing_is_no_revision(planner: Planner) -> None:
    ids = await planner.put(work("a", deadline="2026-03-05T09:00:00+08:00"))
    before = await planner.told()

    same = await planner.edit(tasks=[{"id": ids["a"], "name": "a", "deadline": "2026-03-05T01:00:30Z"}])

    assert same["version"] == 1
    assert await planner.told() == before


async def test_two_edits_of_one_revision_are_one_edit(planner: Planner) -> None:
    first = await planner.api.patch(planner.path, json={"tasks": [work("a")]}, headers={"if-match": '"0"'})
    second = await planner.api.patch(planner.path, json={"tasks": [work("a")]}, headers={"if-match": '"0"'})
    without = await planner.api.patch(planner.path, json={"tasks": [work("a")]})

    assert [first.status_code, second.status_code, without.status_code] == [200, 412, 428]
    assert (await planner.plan())["task_count"] == 1


async def test_duration_follows_from_effort_and_who_does_it(planner: Planner) -> None:
    person = (await planner.api.post("/v1/resources", json={"name": "王芳", "kind": "person"})).json()
    steel = (await planner.api.post("/v1/resources", json={"name": "钢材", "kind": "material"})).json()
    assigned = [{"resource_id": person["id"], "units": 50}, {"resource_id": steel["id"], "units": 1200}]

    await planner.put({"key": "a", "name": "a", "effort": 2 * DAY, "assignments": assigned})
    plan = await planner.plan()
    (task,) = plan["tasks"]
    shorter = {"assignments": [{"resource_id": person["id"], "units": 200}]}
    changed = await planner.api.patch(f"/v1/tasks/{task['id']}", json=shorter, headers={"if-match": '"1"'})

    assert (task["effort_driven"], task["duration"]) == (True, 4 * DAY)
    assert (changed.json()["duration"], changed.json()["effort"]) == (DAY, 2 * DAY)


@pytest.mark.parametrize(
    ("tasks", "pointer", "code"),
    [
        ([{"key": "a", "duration": 1}], "/tasks/0/name", "missing"),
        ([work("a"), work("a")], "/tasks/1/key", "key_used_twice"),
        ([work("a", "nobody")], "/tasks/0/predecessors/0/task", "unknown_task"),
        ([work("a", "a")], "/tasks/0/predecessors/0", "link_to_itself"),
        ([work("a"), work("b", "a", "a")], "/tasks/1/predecessors/1", "link_named_twice"),
        ([work("p"), work("a", "p", parent="p")], "/tasks/1/predecessors/0", "link_inside_summary"),
        (
            [work("p"), work("c", parent="p"), work("a", predecessors=[{"task": "p", "kind": "SS"}])],
            "/tasks/2/predecessors/0/kind",
            "start_of_summary",
        ),
        ([work("a", constraint_kind="MSO")], "/tasks/0/constraint_at", "constraint_needs_date"),
        (
            [work("a", estimate={"optimistic": 3, "most_likely": 2, "pessimistic": 4})],
            "/tasks/0/estimate",
            "estimate_out_of_order",
        ),
        ([work("a", percent_complete=5)], "/tasks/0/actual_start", "progress_without_start"),
        (
            [work("a", actual_start="2026-03-03T08:00:00Z", actual_finish="2026-03-02T08:00:00Z")],
            "/tasks/0/actual_finish",
            "ends_before_it_starts",
        ),
        ([work("a", fixed_cost={"amount": "1", "currency": "USD"})], "/tasks/0/fixed_cost/currency", "other_currency"),
        (
            [work("a", assignments=[{"resource_id": "0199b7a0-4c00-7000-8000-000000000001"}])],
            "/tasks/0/assignments/0/resource_id",
            "unknown_resource",
        ),
        (
            [work("a", calendar_id="0199b7a0-4c00-7000-8000-000000000001")],
            "/tasks/0/calendar_id",
            "unknown_work_calendar",
        ),
    ],
)
async def test_a_contradiction_is_refused_by_place_and_rule(
    planner: Planner, tasks: list[dict[str, Any]], pointer: str, code: str
) -> None:
    answer = await planner.try_(tasks=tasks)

    assert (answer.status_code, answer.json()["code"]) == (409, "plan_refused")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert (await planner.plan())["version"] == 0
    assert await planner.told() == []


async def test_the_reason_is_told_in_chinese(planner: Planner) -> None:
    headers = {"if-match": '"0"', "accept-language": "zh"}
    answer: httpx.Response = await planner.api.patch(planner.path, json={"tasks": [work("a", "a")]}, headers=headers)

    assert answer.json()["detail"] == "计划有 1 处不成立。"
    assert answer.json()["errors"][0]["detail"] == "任务不能依赖自身。"
