"""Plans of the largest figures that validation admits: they are added up, or refused where it is said."""

from typing import Any

from project_svc_tests.plan.support import DAY, Planner, work

MOST = "9999999999999999.9999"
LONGEST = 5_000_000
"""Minutes of a task; parallel to others, as one behind the other they would leave the calendar."""


async def equipment(planner: Planner, **fields: Any) -> dict[str, Any]:
    body = {"name": "钻机", "kind": "equipment", "capacity": [{"since": "1970-01-01", "units": 1_000_000}], **fields}
    made = await planner.api.post("/v1/resources", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def rate(amount: str) -> list[dict[str, Any]]:
    return [{"since": "1970-01-01", "rate": {"amount": amount, "currency": "CNY"}}]


async def test_a_plan_that_costs_too_much_is_refused_where_it_does(planner: Planner) -> None:
    drill = await equipment(planner, rates=rate("1000000000"))
    assigned = [{"resource_id": drill["id"], "units": 1_000_000}]
    fixed: dict[str, Any] = {"fixed_cost": {"amount": MOST, "currency": "CNY"}}

    answers = [
        await planner.try_(tasks=[work("a"), work("b", **fixed)]),
        await planner.try_(tasks=[work("a"), work("b", days=10_000, assignments=assigned)]),
    ]
    tried = await planner.api.post(
        f"/v1/projects/{planner.project_id}/schedule/what-if",
        json={"tasks": [work("b", **fixed)]},
        headers={"accept-language": "zh"},
    )

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "plan_too_costly")] * 2
    assert [answer.json()["errors"][0]["pointer"] for answer in answers] == [
        "/tasks/1/fixed_cost",
        "/tasks/1/assignments",
    ]
    assert (tried.status_code, tried.json()["code"]) == (409, "plan_too_costly")
    assert "至“b”为止" in tried.json()["errors"][0]["detail"]
    assert await planner.told() == []


async def test_the_work_of_many_long_tasks_is_added_up(planner: Planner) -> None:
    drill = await equipment(planner)
    assigned = [{"resource_id": drill["id"], "units": 1_000_000}]
    long = [work(str(number)) | {"duration": LONGEST} for number in range(430)]
    await planner.put(*long, *(work(f"d{number}", days=60, assignments=assigned) for number in range(30)))
    project = f"/v1/projects/{planner.project_id}"

    made = await planner.api.post(f"{project}/baselines", json={"name": "x"})
    read = [
        await planner.api.get(path)
        for path in (
            *(f"{project}/schedule", f"{project}/health", f"{project}/earned-value", f"{project}/curves"),
            *("/v1/portfolio/projects", "/v1/portfolio/capacity?from=2026-03-02&to=2027-03-01&unit=month"),
        )
    ]

    assert (made.status_code, made.json()["work"]) == (201, 430 * LONGEST + 30 * 60 * DAY)
    assert [answer.status_code for answer in read] == [200] * 6
    [row] = read[-1].json()["rows"]
    assert max(cell["demand"] for cell in row["cells"]) > 2**31 / 60
    patch = {"rates": rate("1000000000")}
    raised = await planner.api.patch(f"/v1/resources/{drill['id']}", json=patch, headers={"if-match": '"1"'})
    late = await planner.api.get(f"{project}/schedule")
    assert (raised.status_code, late.status_code, late.json()["code"]) == (200, 409, "plan_too_costly")
    assert (await planner.api.get("/v1/portfolio/projects")).status_code == 200
