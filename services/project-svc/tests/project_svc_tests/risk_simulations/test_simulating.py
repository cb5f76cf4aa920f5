"""Simulations through the API, on plans whose results are known."""

from typing import Any
from uuid import UUID
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.merges import told
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until
from project_svc_tests.conftest import OpenProject

DAY = 480
MONEY = {"amount": "2000", "currency": "CNY"}


async def planned(client: httpx.AsyncClient, project: dict[str, Any], **estimates: dict[str, int]) -> dict[str, str]:
    """A design of a day, then a build of two, which a person does for 60 an hour; ids of both."""
    person = await client.post(
        "/v1/resources",
        json={
            "name": "王芳",
            "kind": "person",
            "rates": [{"since": "2020-01-01", "rate": {"amount": "60", "currency": "CNY"}}],
        },
    )
    assert person.status_code == 201, person.text
    both = [{"resource_id": person.json()["id"]}]
    tasks = [
        {"key": "design", "name": "设计", "duration": DAY, "assignments": both},
        {
            "key": "build",
            "name": "实施",
            "duration": 2 * DAY,
            "assignments": both,
            "predecessors": [{"task": "design"}],
        },
    ]
    for task in tasks:
        if task["key"] in estimates:
            task["estimate"] = estimates[str(task["key"])]
    answer = await client.patch(
        f"/v1/projects/{project['id']}/plan", json={"tasks": tasks}, headers={"if-match": '"0"'}
    )
    assert answer.status_code == 200, answer.text
    keys: dict[str, str] = answer.json()["keys"]
    return keys


async def simulated(client: httpx.AsyncClient, project: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """The operation of a simulation when it has ended."""
    begun = await client.post(f"/v1/projects/{project['id']}/risk-simulations", json=asked)
    assert begun.status_code == 202, begun.text

    async def ended() -> dict[str, Any] | None:
        operation: dict[str, Any] = (await client.get(begun.headers["location"])).json()
        return operation if operation["status"] in {"succeeded", "failed"} else None

    return await until(ended, seconds=60)


async def result(client: httpx.AsyncClient, operation: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    assert operation["status"] == "succeeded", operation
    path = f"/v1/risk-simulations/{operation['id']}"
    return (await client.get(path)).json(), (await client.get(f"{path}/details")).json()


async def test_a_risk_that_strikes_or_not(
    live: httpx.AsyncClient, live_project: OpenProject, working_service: RunningService
) -> None:
    project = await live_project(starts_on="2026-01-05", due_on="2026-01-07", budget=MONEY)
    keys = await planned(live, project)
    certain = {"low": "1000", "likely": "1000", "high": "1000", "currency": "CNY"}
    body = {"project_id": project["id"], "title": "供应商延期", "category": "schedule", "probability": 3, "impact": 3}
    effects = {
        "likelihood_percent": 50,
        "cost_impact": certain,
        "delay_impact": {"low": DAY, "likely": DAY, "high": DAY},
        "task_ids": [keys["build"]],
    }
    risk = (await live.post("/v1/risks", json={**body, **effects})).json()

    operation = await simulated(live, project, iterations=1000)

    found, details = await result(live, operation)
    assert (operation["progress"]["done"], operation["progress"]["total"]) == (1000, 1000)
    assert found["id"] == operation["result"]["simulation_id"] == operation["id"]
    assert (found["tasks"], found["risks"], found["plan_revision"], found["seed"]) == (2, 1, 1, 1)
    # Monday to Wednesday; a day longer where it strikes. 24 hours of 60, then 8 more and 1000.
    finishes = [found[f"finish_{name}"] for name in ("p10", "p80", "p90")]
    assert [found["planned_finish"], *finishes] == [
        *["2026-01-07T17:00:00+00:00"] * 2,
        *["2026-01-08T17:00:00+00:00"] * 2,
    ]
    costs = [found[name]["amount"] for name in ("planned_cost", "cost_p10", "cost_p80", "cost_p90", "reserve")]
    assert costs == ["1440", "1440", "2920", "2920", "1480"]
    share = details["finish"]["planned_confidence"]
    assert abs(share - 0.5) < 4 * 0.5 / 1000**0.5
    percents = [found[name] for name in ("on_time_percent", "within_budget_percent", "both_percent")]
    assert percents == [round(100 * share)] * 3
    assert [(task["name"], task["criticality"]) for task in details["tasks"]] == [("设计", 1), ("实施", 1)]
    (bar,) = details["finish_tornado"]
    assert (bar["id"], bar["kind"], bar["name"], bar["share"]) == (risk["id"], "risk", "供应商延期", 1)
    assert (bar["low"], bar["high"]) == ("2026-01-07T17:00:00Z", "2026-01-08T17:00:00Z")
    told = await working_service.sql("SELECT type, version FROM outbox WHERE aggregate_id = $1::uuid", operation["id"])
    assert [tuple(row) for row in told] == [("risk_simulation.completed", 1)]


async def test_a_simulation_costs_what_the_schedule_says_and_follows_its_customer(
    live: httpx.AsyncClient, live_project: OpenProject, working_service: RunningService, who: Caller
) -> None:
    """By the rate of the day on which a task starts, and by its effort; into a merge of customers, and back."""
    project = await live_project(starts_on="2026-01-05", due_on="2026-02-01")
    rates = [
        {"since": since, "rate": {"amount": amount, "currency": "CNY"}}
        for since, amount in (("2020-01-01", "60"), ("2026-01-06", "90"))
    ]
    person = (await live.post("/v1/resources", json={"name": "赵敏", "kind": "person", "rates": rates})).json()["id"]
    first = {"key": "a", "name": "设计", "duration": DAY, "assignments": [{"resource_id": person}]}
    second = {"key": "b", "name": "实施", "duration": 2 * DAY, "predecessors": [{"task": "a"}]}
    second["assignments"] = [{"resource_id": person, "effort": 300}]
    path = f"/v1/projects/{project['id']}"
    await live.patch(f"{path}/plan", json={"tasks": [first, second]}, headers={"if-match": '"0"'})

    found, _ = await result(live, await simulated(live, project, iterations=100))

    assert found["planned_cost"] == (await live.get(f"{path}/schedule")).json()["cost"]
    assert found["planned_cost"] == {"amount": "930", "currency": "CNY"}
    kept, merge_id, customer_id = new_id(), new_id(), UUID(project["customer_id"])
    for undone, whose in ((False, kept), (True, customer_id)):
        await deliver(working_service, told(merge_id, kept, customer_id, undone=undone), tenant_id=who.tenant_id)
        simulation = (await live.get(f"/v1/risk-simulations/{found['id']}")).json()
        assert simulation["customer_id"] == str(whose)
    rows = await working_service.sql(
        "SELECT type, version FROM outbox WHERE aggregate_id = $1::uuid ORDER BY id", found["id"]
    )
    assert [tuple(row) for row in rows] == [
        ("risk_simulation.completed", 1),
        ("risk_simulation.moved", 2),
        ("risk_simulation.moved", 3),
    ]


async def test_equal_questions_have_equal_answers_and_are_drawn(
    live: httpx.AsyncClient, live_project: OpenProject
) -> None:
    project = await live_project(starts_on="2026-01-05", due_on="2026-03-01")
    wide = {"optimistic": DAY, "most_likely": 2 * DAY, "pessimistic": 9 * DAY}
    keys = await planned(live, project, build=wide)
    together = [{"between": [keys["design"], keys["build"]], "coefficient": 0.8}]
    asked = {"iterations": 500, "spread_percent": 30, "correlations": together}

    one, other = await simulated(live, project, **asked), await simulated(live, project, **asked)
    others = await simulated(live, project, **asked, seed=2)

    first, second, third = [await result(live, operation) for operation in (one, other, others)]
    assert first[1] == second[1] != third[1]
    assert first[0]["finish_p10"] < first[0]["finish_p50"] < first[0]["finish_p80"] < first[0]["finish_p90"]
    assert len(first[1]["finish"]["curve"]) == 101
    assert sum(bar["count"] for bar in first[1]["cost"]["histogram"]) == 500
    assert {bar["name"] for bar in first[1]["finish_tornado"]} == {"设计", "实施"}
    listed = await live.get("/v1/risk-simulations", params={"filter": f"project_id == '{project['id']}'"})
    assert {item["id"] for item in listed.json()["items"]} == {one["id"], other["id"], others["id"]}
    for chart in ("finish", "cost", "finish-tornado", "cost-tornado"):
        answer = await live.get(
            f"/v1/risk-simulations/{one['id']}/chart.svg", params={"chart": chart}, headers={"accept-language": "zh"}
        )
        assert answer.headers["content-type"] == "image/svg+xml"
        texts = [part.text for part in fromstring(answer.text).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
        assert ("P80" in texts, "实施" in texts) == (chart in {"finish", "cost"}, "tornado" in chart)
    unknown = await live.get(f"/v1/risk-simulations/{one['id']}/chart.svg", params={"chart": "pie"})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "invalid_parameter")


async def test_what_cannot_be_simulated_is_told_by_name(live: httpx.AsyncClient, live_project: OpenProject) -> None:
    empty = await simulated(live, await live_project())
    project = await live_project(starts_on="2026-01-05")
    keys = await planned(live, project, design={"optimistic": 1, "most_likely": 2, "pessimistic": 3})
    risks = []
    for title in ("汇率", "停电"):
        body = {"project_id": project["id"], "title": title, "category": "cost", "probability": 3, "impact": 3}
        risks.append((await live.post("/v1/risks", json=body)).json()["id"])
    design, (rate, power) = keys["design"], risks
    certain = [{"between": [design, keys["build"]], "coefficient": 0.5}]
    pairs = [((design, rate), 0.9), ((rate, power), 0.9), ((design, power), -0.9)]
    contrary = [{"between": pair, "coefficient": number} for pair, number in pairs]

    failed = [
        empty,
        await simulated(live, project, correlations=certain, iterations=100),
        await simulated(live, project, correlations=contrary, iterations=100),
    ]

    assert [operation["status"] for operation in failed] == ["failed"] * 3
    assert [operation["problem"]["code"] for operation in failed] == [
        "nothing_to_simulate",
        "unknown_driver",
        "correlations_impossible",
    ]
    assert "停电" in failed[2]["problem"]["detail"]
    listed = (await live.get("/v1/risk-simulations")).json()
    assert listed["items"] == []


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"iterations": 99}, "/iterations"),
        ({"iterations": 100_001}, "/iterations"),
        ({"shape": "normal"}, "/shape"),
        ({"task_correlation": 1}, "/task_correlation"),
        ({"reserve_percentile": 100}, "/reserve_percentile"),
        ({"seed": -1}, "/seed"),
        ({"correlations": [{"between": [], "coefficient": 0}]}, "/correlations/0/between"),
    ],
)
async def test_questions_that_make_no_sense_are_refused(
    live: httpx.AsyncClient, asked: dict[str, Any], pointer: str
) -> None:
    refused = await live.post(f"/v1/projects/{new_id()}/risk-simulations", json=asked)
    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, [pointer])
    unknown = await live.post(f"/v1/projects/{new_id()}/risk-simulations", json={})
    assert unknown.status_code == 404
    assert (await live.get("/v1/project-operations")).json()["items"] == []
