"""Scales of a company, responses, expected costs, the heat map, and the history of assessments."""

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import httpx

from crm_platform.charts.png import png_of
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act

SVG = "{http://www.w3.org/2000/svg}"


def steps(*values: str) -> list[dict[str, Any]]:
    return [{"name": {"en": f"Step {value}", "zh": f"第{value}级"}, "value": value} for value in values]


def parts(answer: httpx.Response, name: str) -> list[Element]:
    """The elements of one kind in a drawing of ours."""
    return list(fromstring(answer.text).iter(f"{SVG}{name}"))  # noqa: S314 - we made it


def scale(count: int, **bounds: int) -> dict[str, Any]:
    values = steps(*(f"0.{number}" for number in range(1, count + 1)))
    limits = {"medium_from": 2, "high_from": 4, "critical_from": 6, **bounds}
    return {"probabilities": values, "impacts": values, **limits}


async def raised(client: httpx.AsyncClient, project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"project_id": project["id"], "title": "供应商延期", "category": "schedule", "probability": 2, "impact": 2}
    answer = await client.post("/v1/risks", json={**body, **fields})
    assert answer.status_code == 201, answer.text
    risk: dict[str, Any] = answer.json()
    return risk


async def test_a_risk_makes_tasks_of_its_own_project_longer(live: httpx.AsyncClient, live_project: OpenProject) -> None:
    project, other = await live_project(), await live_project()
    plan = {"tasks": [{"key": "s", "name": "阶段"}, {"key": "t", "name": "调试", "parent": "s", "duration": 60}]}
    edits = [
        await live.patch(f"/v1/projects/{one['id']}/plan", json=plan, headers={"if-match": '"0"'})
        for one in (project, other)
    ]
    (mine, theirs) = [one.json()["keys"] for one in edits]
    body = {"project_id": project["id"], "title": "汇率", "category": "cost", "probability": 2, "impact": 2}

    odd = await live.post("/v1/risks", json={**body, "task_ids": [mine["t"], theirs["t"], mine["s"]]})
    risk = await raised(live, project, task_ids=[mine["t"]])
    assessed = await live.post(
        f"/v1/risks/{risk['id']}/assess", json={"task_ids": [str(new_id())]}, headers={"if-match": '"1"'}
    )

    assert (odd.status_code, assessed.status_code) == (422, 422), (odd.text, assessed.text)
    assert [(one["pointer"], one["code"]) for one in odd.json()["errors"]] == [
        ("/task_ids/1", "unknown_task"),
        ("/task_ids/2", "unknown_task"),
    ]
    assert [(one["pointer"], one["code"]) for one in assessed.json()["errors"]] == [("/task_ids/0", "unknown_task")]
    assert (await live.get(f"/v1/risks/{risk['id']}")).json()["task_ids"] == [mine["t"]]


async def test_a_company_defines_its_scale_and_open_risks_are_graded_by_it(
    live: httpx.AsyncClient, live_project: OpenProject, working_service: RunningService, who: Caller
) -> None:
    ready_made = (await live.get("/v1/risk-scale")).json()
    assert (ready_made["version"], len(ready_made["impacts"]), ready_made["critical_from"]) == (0, 5, 15)
    project = await live_project()
    grave = await raised(live, project, probability=3, impact=2)
    slight = await raised(live, project, probability=1, impact=1, title="停电")
    over = await raised(live, project, probability=3, impact=3, title="汇率")
    assert (await act(live, f"risks/{over['id']}", "close", 1)).status_code == 200
    assert [risk["level"] for risk in (grave, slight, over)] == ["medium", "low", "medium"]

    defined = await live.put("/v1/risk-scale", json=scale(3))
    again = await live.put("/v1/risk-scale", json=scale(4, critical_from=7))

    assert [(answer.status_code, answer.json()["version"]) for answer in (defined, again)] == [(200, 1), (200, 2)]
    assert (await live.get("/v1/risk-scale")).json() == again.json()

    async def graded() -> list[dict[str, Any]]:
        items = (await live.get("/v1/project-operations")).json()["items"]
        return items if [item["status"] for item in items] == ["succeeded"] * 2 else []

    assert {item["kind"] for item in await until(graded)} == {"risks.grade"}
    levels = [(await live.get(f"/v1/risks/{risk['id']}")).json()["level"] for risk in (grave, slight, over)]
    assert levels == ["high", "low", "medium"]
    told = await working_service.sql(
        "SELECT type FROM outbox WHERE tenant_id = $1 AND aggregate_type = 'risk_scale' ORDER BY id", who.tenant_id
    )
    assert [row["type"] for row in told] == ["risk_scale.defined", "risk_scale.updated"]
    cells = (await live.get(f"/v1/projects/{project['id']}/risk-matrix")).json()["cells"]
    assert len(cells) == 16
    assert {cell["level"] for cell in cells if cell["score"] == 6} == {"high"}


async def test_steps_that_the_scale_has_not_are_refused(live: httpx.AsyncClient, live_project: OpenProject) -> None:
    project = await live_project()
    risk = await raised(live, project, probability=4, impact=2)

    in_use = await live.put("/v1/risk-scale", json=scale(3))
    assert (in_use.status_code, in_use.json()["code"]) == (409, "scale_in_use")
    assert (await live.get("/v1/risk-scale")).json()["version"] == 0

    assert (await act(live, f"risks/{risk['id']}", "assess", 1, probability=3)).status_code == 200
    same_level = scale(3, medium_from=5, high_from=7, critical_from=9)
    assert (await live.put("/v1/risk-scale", json=same_level)).status_code == 200
    body = {"project_id": project["id"], "title": "x", "category": "cost", "probability": 4, "impact": 5}
    refused = [
        await live.post("/v1/risks", json=body),
        await act(live, f"risks/{risk['id']}", "assess", 2, impact=4),
        await act(live, f"risks/{risk['id']}", "respond", 2, residual_probability=1, residual_impact=4),
    ]
    pointers = [[error["pointer"] for error in answer.json()["errors"]] for answer in refused]
    assert pointers == [["/probability", "/impact"], ["/impact"], ["/residual_impact"]]
    assert {error["code"] for answer in refused for error in answer.json()["errors"]} == {"not_on_scale"}
    assert {answer.status_code for answer in refused} == {422}


async def test_scales_that_make_no_sense_are_refused(live: httpx.AsyncClient) -> None:
    bodies: list[tuple[dict[str, Any], str]] = [
        ({**scale(3), "impacts": steps("0.1", "0.2")}, "too_short"),
        ({**scale(3), "impacts": steps(*(f"0.{n}" for n in range(1, 9)))}, "too_long"),
        ({**scale(3), "impacts": steps("0.1", "0.3", "0.2")}, "steps_not_rising"),
        ({**scale(3), "impacts": steps("0.1", "0.2", "0.3", "1.2")}, "less_than_equal"),
        (scale(3, critical_from=10), "bounds_not_rising"),
        (scale(3, high_from=2), "bounds_not_rising"),
    ]
    for body, code in bodies:
        answer = await live.put("/v1/risk-scale", json=body)
        assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (422, [code])
    assert (await live.get("/v1/risk-scale")).json()["version"] == 0


async def test_a_response_says_what_is_done_and_what_is_left(
    live: httpx.AsyncClient, live_project: OpenProject, working_service: RunningService
) -> None:
    risk = await raised(live, await live_project(), probability=4, impact=4)
    path, owner = f"risks/{risk['id']}", str(new_id())
    action = {
        "title": "签订备用供应商",
        "owner_id": owner,
        "due_on": "2026-09-30",
        "cost": {"amount": "1200.50", "currency": "CNY"},
    }

    left = {"residual_probability": 2, "residual_impact": 3}
    accepted = (await act(live, path, "respond", 2, strategy="accept")).json()
    plan: dict[str, Any] = {"strategy": "transfer", "actions": [action], "reason": "董事会要求", **left}
    planned = (await act(live, path, "respond", 3, **plan)).json()
    kept = planned["actions"][0]
    done = (await act(live, path, "respond", 4, actions=[{**action, "id": kept["id"], "state": "done"}])).json()

    assert [(one["status"], one["strategy"]) for one in (accepted, planned)] == [
        ("open", "accept"),
        ("mitigating", "transfer"),
    ]
    assert (planned["residual_score"], planned["residual_level"], planned["score"]) == (6, "medium", 16)
    assert kept == {**action, "id": kept["id"], "state": "open", "cost": {"amount": "1200.5", "currency": "CNY"}}
    assert (done["actions"], done["version"]) == ([{**kept, "state": "done"}], 5)
    told = await working_service.sql("SELECT type FROM outbox WHERE aggregate_id = $1::uuid ORDER BY id", risk["id"])
    assert [row["type"] for row in told] == ["risk.raised", "risk.threshold_exceeded", *["risk.response_planned"] * 3]
    for body in ({}, {"reason": "x"}, {"residual_impact": 1}, {"strategy": "hope"}, {"actions": [{"title": ""}]}):
        refused = await act(live, path, "respond", 5, **body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_payload"), body
    assert (await live.get(f"/v1/{path}")).json()["version"] == 5


async def test_expected_costs_make_the_reserve(live: httpx.AsyncClient, live_project: OpenProject) -> None:
    project = await live_project()
    cost = {"low": "600", "likely": "1200", "high": "3000", "currency": "CNY"}
    certain = {"low": "1200", "high": "1200"}
    # likelihood of step 2 is 0.3, mean (600 + 4·1200 + 3000)/6 = 1400
    risk = await raised(live, project, cost_impact=cost)
    await raised(live, project, title="罚款", likelihood_percent=50, cost_impact={**cost, **certain})
    await raised(live, project, title="关税", cost_impact={**cost, "currency": "EUR"})
    over = await raised(live, project, title="停电", cost_impact=cost)
    await act(live, f"risks/{over['id']}", "close", 1)

    assert risk["expected_cost"] == {"amount": "420", "currency": "CNY"}
    matrix = (await live.get(f"/v1/projects/{project['id']}/risk-matrix")).json()
    assert matrix["expected_costs"] == [
        {"amount": "1020", "currency": "CNY"},
        {"amount": "420", "currency": "EUR"},
    ]
    # 0.3 · (0 + 4·0.01 + 0.02)/6 = 0.003: three places in Kuwait, two in China, none in Japan
    tiny = {"low": "0", "likely": "0.01", "high": "0.02"}
    small = [await raised(live, project, cost_impact={**tiny, "currency": one}) for one in ("KWD", "CNY", "JPY")]
    assert [one["expected_cost"]["amount"] for one in small] == ["0.003", "0", "0"]
    emptied = (await act(live, f"risks/{risk['id']}", "assess", 1, cost_impact=None)).json()
    assert (emptied["cost_impact"], emptied["expected_cost"]) == (None, None)
    falling = await act(live, f"risks/{risk['id']}", "assess", 2, cost_impact={**cost, "low": "2000"})
    assert [(e["pointer"], e["code"]) for e in falling.json()["errors"]] == [("/cost_impact", "estimate_not_rising")]


async def test_the_matrix_is_drawn_in_the_callers_language(live: httpx.AsyncClient, live_project: OpenProject) -> None:
    project = await live_project()
    await raised(live, project, probability=5, impact=4)
    await raised(live, project, title="停电")
    path = f"/v1/projects/{project['id']}/risk-matrix.svg"

    chinese = await live.get(path, headers={"accept-language": "zh"})
    english = await live.get(path, headers={"accept-language": "en"})

    assert chinese.headers["content-type"] == "image/svg+xml"
    texts = [[one.text for one in parts(answer, "text")] for answer in (chinese, english)]
    assert {"概率", "影响", "很高", "1!", "1"} <= set(texts[0])
    assert {"Probability", "Impact", "Very high", "1!", "1"} <= set(texts[1])
    assert "2 项未关闭" in str(texts[0][0])
    assert len(parts(chinese, "rect")) == 1 + 25
    assert png_of(chinese.text).startswith(b"\x89PNG")


async def test_the_history_tells_who_judged_what_and_why(
    live: httpx.AsyncClient, live_project: OpenProject, who: Caller
) -> None:
    risk = await raised(live, await live_project())
    await act(live, f"risks/{risk['id']}", "assess", 1, probability=5, reason="供应商已停产")

    entries = (await live.get(f"/v1/risks/{risk['id']}/history", params={"member": "probability"})).json()["items"]

    newest = entries[0]
    assert (newest["actor"], newest["reason"], newest["version"]) == (who.actor, "供应商已停产", 2)
    assert [(c["from"], c["to"]) for c in newest["changes"] if c["member"] == "probability"] == [(2, 5)]
