"""Dates, floats, costs; levelling, what-if and baselines; by calendars with public holidays."""

from typing import Any

from project_svc_tests.plan.support import DAY, Planner, work


async def schedule(planner: Planner, **params: Any) -> dict[str, Any]:
    answer = await planner.api.get(f"/v1/projects/{planner.project_id}/schedule", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def resource(planner: Planner, name: str, **members: Any) -> str:
    answer = await planner.api.post("/v1/resources", json={"name": name, "kind": "person", **members})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_dates_floats_and_the_critical_path(planner: Planner) -> None:
    ids = await planner.put(work("a", days=2), work("b", "a", days=3), work("c", "a", days=1), work("d", "b", "c"))

    found = await schedule(planner)

    tasks = {task["name"]: task for task in found["tasks"]}
    assert found["critical_path"] == [ids["a"], ids["b"], ids["d"]]
    assert (found["starts_at"], found["finishes_at"]) == ("2026-03-02T08:00:00+00:00", "2026-03-09T17:00:00+00:00")
    assert {name: (task["total_float"], task["critical"]) for name, task in tasks.items()} == {
        "a": (0, True),
        "b": (0, True),
        "c": (2 * DAY, False),
        "d": (0, True),
    }
    assert (tasks["c"]["early_start"], tasks["c"]["late_start"]) == (
        "2026-03-04T08:00:00+00:00",
        "2026-03-06T08:00:00+00:00",
    )
    assert (tasks["d"]["driver_id"], tasks["a"]["driver_id"]) == (ids["b"], None)


async def test_a_schedule_is_the_same_until_something_that_makes_it_changes(planner: Planner) -> None:
    path = f"/v1/projects/{planner.project_id}/schedule"
    await planner.put(work("a"))
    first = await planner.api.get(path)
    again = await planner.api.get(path, headers={"if-none-match": first.headers["etag"]})
    await planner.put(work("b", days=4))
    after = await planner.api.get(path, headers={"if-none-match": first.headers["etag"]})

    assert (first.status_code, again.status_code, after.status_code) == (200, 304, 200)
    assert [len(answer.json()["tasks"]) for answer in (first, after)] == [1, 2]


async def test_chinas_holidays_are_free_and_its_make_up_days_are_worked(planner: Planner) -> None:
    """2025: 28 September (Sunday) is worked; 1 to 8 October are free; 11 October (Saturday) is worked."""
    made = await planner.api.post(
        "/v1/work-calendars", json={"name": "中国", "time_zone": "Asia/Shanghai", "country": "CN"}
    )
    path = f"/v1/projects/{planner.project_id}"
    await planner.api.patch(path, json={"starts_on": "2025-09-28"}, headers={"if-match": '"1"'})

    edited = await planner.edit(calendar_id=made.json()["id"], tasks=[work("a", days=3), work("b", "a", days=3)])

    dates = [(task["start"], task["finish"]) for task in (await schedule(planner))["tasks"]]
    assert dates == [
        ("2025-09-28T00:00:00+00:00", "2025-09-30T09:00:00+00:00"),
        ("2025-10-09T00:00:00+00:00", "2025-10-11T09:00:00+00:00"),
    ]
    assert edited["finishes_at"] == "2025-10-11T09:00:00+00:00"


async def test_who_does_a_task_does_it_in_their_own_time(planner: Planner) -> None:
    leave = [{"first_on": "2026-03-03", "last_on": "2026-03-04", "name": "年假"}]
    calendar = (await planner.api.post("/v1/work-calendars", json={"name": "王芳", "exceptions": leave})).json()["id"]
    person = await resource(planner, "王芳", calendar_id=calendar)

    await planner.put(work("a", days=2, assignments=[{"resource_id": person}]), work("b", days=2))

    finishes = {task["name"]: task["finish"] for task in (await schedule(planner))["tasks"]}
    assert finishes == {"a": "2026-03-05T17:00:00+00:00", "b": "2026-03-03T17:00:00+00:00"}


async def test_costs_are_those_of_the_rates_of_the_day(planner: Planner) -> None:
    def rate(since: str, amount: str) -> dict[str, Any]:
        return {"since": since, "rate": {"amount": amount, "currency": "CNY"}}

    person = await resource(planner, "工程师", rates=[rate("2020-01-01", "100"), rate("2026-03-03", "150.50")])
    steel = await resource(planner, "钢材", kind="material", rates=[rate("2020-01-01", "8")])
    guest = await resource(planner, "外部顾问")
    fixed = {"amount": "1000", "currency": "CNY"}

    ids = await planner.put(
        work("a", days=1, fixed_cost=fixed, assignments=[{"resource_id": person, "units": 50}]),
        work("b", "a", days=1, assignments=[{"resource_id": person, "effort": 120}]),
        work("c", days=1, assignments=[{"resource_id": steel, "units": 250}, {"resource_id": guest}]),
    )

    found = await schedule(planner)
    costs = {task["name"]: task["cost"]["amount"] for task in found["tasks"]}
    assert costs == {"a": "1400", "b": "301", "c": "20"}
    assert found["cost"] == {"amount": "1721", "currency": "CNY"}
    assert found["unpriced"] == [ids["c"]]


async def test_levelling_explains_each_delay_and_heeds_priorities(planner: Planner) -> None:
    person = await resource(planner, "唯一的专家")
    needs = {"assignments": [{"resource_id": person}]}
    ids = await planner.put(work("a", days=2, **needs), work("b", days=1, priority=900, **needs))

    found = await schedule(planner, levelled=True)

    starts = {task["name"]: task["start"] for task in found["tasks"]}
    assert starts == {"a": "2026-03-03T08:00:00+00:00", "b": "2026-03-02T08:00:00+00:00"}
    assert found["waits"] == [
        {
            "task_id": ids["a"],
            "resource_id": person,
            "since": "2026-03-02T08:00:00+00:00",
            "until": "2026-03-02T17:00:00+00:00",
            "holder_ids": [ids["b"]],
        }
    ]


async def test_who_will_never_be_enough_is_named(planner: Planner) -> None:
    person = await resource(planner, "兼职专家", capacity=[{"since": "2026-01-01", "units": 50}])
    await planner.put(work("评审", assignments=[{"resource_id": person}]))

    answer = await planner.api.get(f"/v1/projects/{planner.project_id}/schedule", params={"levelled": True})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_of_resource")
    assert "评审" in answer.json()["detail"]
    assert "兼职专家" in answer.json()["detail"]


async def test_what_if_tells_and_keeps_nothing(planner: Planner) -> None:
    ids = await planner.put(work("a", days=2), work("b", "a", days=1), work("c", "a", days=2))
    before = await planner.told()

    answer = await planner.api.post(
        f"/v1/projects/{planner.project_id}/schedule/what-if",
        json={
            "tasks": [
                {"id": ids["b"], "duration": 4 * DAY, "fixed_cost": {"amount": "10", "currency": "CNY"}},
                {"key": "n", "name": "新", "duration": DAY},
            ],
            "remove": [ids["c"]],
        },
    )

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["before"]["finishes_at"], told["after"]["finishes_at"], told["finish"]) == (
        "2026-03-05T17:00:00+00:00",
        "2026-03-09T17:00:00+00:00",
        2 * DAY,
    )
    assert (told["before"]["critical_path"], told["after"]["critical_path"]) == (
        [ids["a"], ids["c"]],
        [ids["a"], ids["b"]],
    )
    assert told["changed"] == [
        {
            "task_id": ids["b"],
            "name": "b",
            "start": 0,
            "finish": 3 * DAY,
            "work": 3 * DAY,
            "cost": {"amount": "10", "currency": "CNY"},
        }
    ]
    assert ([one["name"] for one in told["added"]], told["removed"]) == (["新"], [{"id": ids["c"], "name": "c"}])
    assert told["cost"] == {"amount": "10", "currency": "CNY"}
    assert await planner.told() == before
    assert (await planner.plan())["task_count"] == 3


async def test_baselines_are_kept_and_compared(planner: Planner) -> None:
    path = f"/v1/projects/{planner.project_id}/baselines"
    ids = await planner.put(work("a", days=2), work("b", "a", days=1))
    first = await planner.api.post(path, json={"name": "合同基准"})
    await planner.edit(tasks=[{"id": ids["a"], "duration": 4 * DAY}])
    second = await planner.api.post(path, json={"name": "变更一"})
    await planner.edit(remove=[ids["b"]])

    shown = (await planner.api.get(first.headers["location"])).json()
    listed = (await planner.api.get(path)).json()["items"]
    both = (
        await planner.api.get(
            f"{first.headers['location']}/comparison", params={"with": second.headers["location"].rsplit("/", 1)[1]}
        )
    ).json()
    now = (await planner.api.get(f"{first.headers['location']}/comparison")).json()

    assert [(one["number"], one["name"], one["work"]) for one in listed] == [
        (2, "变更一", 5 * DAY),
        (1, "合同基准", 3 * DAY),
    ]
    assert [(task["name"], task["finishes_at"], task["critical"]) for task in shown["tasks"]] == [
        ("a", "2026-03-03T17:00:00+00:00", True),
        ("b", "2026-03-04T17:00:00+00:00", True),
    ]
    assert {one["name"]: (one["start"], one["finish"], one["work"]) for one in both["changed"]} == {
        "a": (0, 2 * DAY, 2 * DAY),
        "b": (2 * DAY, 2 * DAY, 0),
    }
    assert both["finish"] == 2 * DAY
    assert ([one["name"] for one in now["removed"]], now["finish"]) == (["b"], DAY)
    project = (await planner.api.get(f"/v1/projects/{planner.project_id}")).json()
    assert (project["status"], project["version"]) == ("planned", 2)


async def test_a_project_does_not_start_without_a_baseline(planner: Planner) -> None:
    path = f"/v1/projects/{planner.project_id}"
    await planner.put(work("a"))

    refused = await planner.api.post(f"{path}/approve", json={}, headers={"if-match": '"1"'})
    await planner.api.post(f"{path}/baselines", json={"name": "首版"})
    started = await planner.api.post(f"{path}/approve", json={}, headers={"if-match": '"2"'})

    assert (refused.status_code, refused.json()["code"]) == (409, "baseline_missing")
    assert (started.status_code, started.json()["status"]) == (200, "active")


async def test_the_start_of_a_project_without_tasks_puts_its_dates_on_record(planner: Planner) -> None:
    path = f"/v1/projects/{planner.project_id}"

    started = await planner.api.post(f"{path}/approve", json={}, headers={"if-match": '"1"'})

    (baseline,) = (await planner.api.get(f"{path}/baselines")).json()["items"]
    assert started.json()["status"] == "active"
    assert (baseline["starts_at"], baseline["finishes_at"], baseline["task_count"]) == (
        "2026-03-02T00:00:00+00:00",
        "2027-01-01T00:00:00+00:00",
        0,
    )
