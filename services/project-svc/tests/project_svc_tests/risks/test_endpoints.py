from typing import Any
from uuid import UUID

import httpx
import orjson
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, reasons, told


async def raise_(client: httpx.AsyncClient, project: dict[str, Any], p: int, i: int, **fields: Any) -> dict[str, Any]:
    body = {"project_id": project["id"], "title": "汇率", "category": "cost", "probability": p, "impact": i, **fields}
    answer = await client.post("/v1/risks", json=body)
    assert answer.status_code == 201, answer.text
    risk: dict[str, Any] = answer.json()
    return risk


async def test_a_risk_under_the_threshold_is_raised(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject, customer_id: UUID
) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "title": " 汇率波动 ", "category": "market", "probability": 2, "impact": 5}

    answer = await client.post("/v1/risks", json=body)

    assert answer.status_code == 201, answer.text
    risk = answer.json()
    assert risk == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": risk["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
        "project_id": project["id"],
        "customer_id": str(customer_id),
        "title": "汇率波动",
        "category": "market",
        "probability": 2,
        "impact": 5,
        "score": 10,
        "threshold": 12,
        "exceeded": False,
        "response": None,
        "status": "open",
        "level": "high",
        "strategy": None,
        "actions": [],
        "residual_probability": None,
        "residual_impact": None,
        "residual_score": None,
        "residual_level": None,
        "likelihood_percent": None,
        "cost_impact": None,
        "delay_impact": None,
        "task_ids": [],
        "expected_cost": None,
        "rule_id": None,
        "close_suggested": False,
        "struck": None,
    }
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/risks/{risk['id']}")
    assert (await client.get(answer.headers["location"])).json() == risk
    assert await told(service, "risk") == [("risk.raised", 1)]


async def test_a_risk_over_the_threshold_is_raised_and_then_exceeds_it(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project(risk_threshold=10)

    risk = await raise_(client, project, 2, 5)

    assert (risk["version"], risk["score"], risk["exceeded"]) == (2, 10, True)
    rows = await service.sql("SELECT type, version, payload FROM outbox WHERE aggregate_type = 'risk' ORDER BY id")
    payloads = [orjson.loads(row["payload"]) for row in rows]
    assert [(row["type"], row["version"]) for row in rows] == [("risk.raised", 1), ("risk.threshold_exceeded", 2)]
    assert [payload["state"]["exceeded"] for payload in payloads] == [False, True]
    assert payloads[1]["changed"] == ["exceeded"]


async def test_assessments_tell_when_the_threshold_is_exceeded(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    risk = await raise_(client, await open_project(), 2, 3)
    path = f"risks/{risk['id']}"

    answers = [
        await act(client, path, "assess", 1, probability=3, reason="第二次评估"),
        await act(client, path, "assess", 2, impact=4, response="提前锁定汇率"),
        await act(client, path, "assess", 3, response="改用人民币结算"),
        await act(client, path, "assess", 4, probability=5),
        await act(client, path, "assess", 5, probability=4),
        await act(client, path, "assess", 6, probability=1, impact=1, reason="hedged"),
        await act(client, path, "assess", 7, probability=1),
        await act(client, path, "close", 7, reason="paid"),
    ]

    states = [(a.json()["score"], a.json()["exceeded"], a.json()["status"], a.json()["version"]) for a in answers]
    assert states == [
        (9, False, "open", 2),
        (12, True, "mitigating", 3),
        (12, True, "mitigating", 4),
        (20, True, "mitigating", 5),
        (16, True, "mitigating", 6),
        (1, False, "mitigating", 7),
        (1, False, "mitigating", 7),
        (1, False, "closed", 8),
    ]
    assert answers[-1].json()["response"] == "改用人民币结算"
    assert await reasons(service, "risk") == [
        ("risk.raised", None),
        ("risk.assessed", "第二次评估"),
        ("risk.threshold_exceeded", None),
        ("risk.assessed", None),
        ("risk.threshold_exceeded", None),
        ("risk.assessed", None),
        ("risk.assessed", "hedged"),
        ("risk.closed", "paid"),
    ]


NO_RISKS: list[dict[str, Any]] = [
    {"probability": 0},
    {"probability": 6},
    {"impact": 2.5},
    {"impact": "high"},
    {"category": "weather"},
    {"title": ""},
    {"score": 25},
    {"project_id": "none"},
]


async def test_a_risk_that_does_not_fit_its_schema_is_refused(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    project = await open_project()
    body = {"project_id": project["id"], "title": "x", "category": "cost", "probability": 1, "impact": 1}

    for fields in NO_RISKS:
        answer = await client.post("/v1/risks", json={**body, **fields})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_payload"), fields
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}" for name in fields]

    assert await told(service, "risk") == []


async def test_an_assessment_says_something(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    risk = await raise_(client, await open_project(), 1, 1)
    empty: list[dict[str, Any]] = [{}, {"reason": "just so"}, {"probability": None}, {"response": ""}, {"impact": 6}]

    for body in empty:
        answer = await act(client, f"risks/{risk['id']}", "assess", 1, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_payload"), body

    assert await told(service, "risk") == [("risk.raised", 1)]


async def test_a_closed_risk_stays_closed(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    risk = await raise_(client, await open_project(), 1, 1)
    await done(client, f"risks/{risk['id']}", "close")

    answers = [
        await act(client, f"risks/{risk['id']}", "assess", 2, impact=5),
        await act(client, f"risks/{risk['id']}", "close", 2),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "invalid_transition")] * 2
    assert (await client.get(f"/v1/risks/{risk['id']}")).json()["version"] == 2


async def test_a_project_that_is_over_gets_no_risks_but_its_risks_can_be_closed(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    for ending in ("complete", "cancel"):
        project = await open_project()
        risk = await raise_(client, project, 1, 1)
        await done(client, f"projects/{project['id']}", ending)

        body = {"project_id": project["id"], "title": "x", "category": "cost", "probability": 1, "impact": 1}
        refused = await client.post("/v1/risks", json=body)
        closed = await act(client, f"risks/{risk['id']}", "close", 1)

        assert (refused.status_code, refused.json()["code"]) == (409, "project_ended"), ending
        assert (closed.status_code, closed.json()["status"]) == (200, "closed")


async def test_a_risk_needs_a_project(client: httpx.AsyncClient) -> None:
    body = {"project_id": str(new_id()), "title": "x", "category": "cost", "probability": 1, "impact": 1}

    answer = await client.post("/v1/risks", json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_project")


async def test_a_step_needs_the_version_it_is_based_on(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    risk = await raise_(client, await open_project(), 1, 1)
    bodies: dict[str, dict[str, Any]] = {"assess": {"impact": 2}, "close": {}}

    for action, body in bodies.items():
        without = await client.post(f"/v1/risks/{risk['id']}/{action}", json=body)
        stale = await act(client, f"risks/{risk['id']}", action, 2, **body)
        nobody = await act(client, f"risks/{new_id()}", action, 1, **body)
        assert [(answer.status_code, answer.json()["code"]) for answer in (without, stale, nobody)] == [
            (428, "precondition_required"),
            (412, "version_mismatch"),
            (404, "not_found"),
        ], action

    assert await told(service, "risk") == [("risk.raised", 1)]


async def test_the_matrix_counts_what_is_not_closed(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    project, other = await open_project(risk_threshold=15), await open_project()
    for probability, impact in ((3, 5), (3, 5), (1, 2), (5, 5)):
        await raise_(client, project, probability, impact)
    over = await raise_(client, project, 4, 4)
    await done(client, f"risks/{over['id']}", "close")
    await raise_(client, other, 2, 2)

    answer = await client.get(f"/v1/projects/{project['id']}/risk-matrix")

    assert answer.status_code == 200
    matrix = answer.json()
    cells = matrix.pop("cells")
    assert matrix == {"project_id": project["id"], "threshold": 15, "total": 4, "expected_costs": []}
    assert [(cell["probability"], cell["impact"]) for cell in cells] == [
        (probability, impact) for probability in (5, 4, 3, 2, 1) for impact in (1, 2, 3, 4, 5)
    ]
    assert all(cell["score"] == cell["probability"] * cell["impact"] for cell in cells)
    assert all(cell["exceeded"] is (cell["score"] >= 15) for cell in cells)
    counts = {(cell["probability"], cell["impact"]): cell["count"] for cell in cells if cell["count"]}
    assert counts == {(3, 5): 2, (1, 2): 1, (5, 5): 1}


async def test_a_project_without_risks_has_an_empty_matrix_and_an_unknown_one_none(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project = await open_project()

    empty = (await client.get(f"/v1/projects/{project['id']}/risk-matrix")).json()
    unknown = await client.get(f"/v1/projects/{new_id()}/risk-matrix")

    assert (empty["total"], len(empty["cells"]), {cell["count"] for cell in empty["cells"]}) == (0, 25, {0})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_lists_of_risks(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    one, other = await open_project(), await open_project()
    for project, title, level in ((one, "低", 1), (one, "高", 5), (other, "中", 3)):
        await raise_(client, project, level, level, title=title)

    async def titles(path: str, **params: str) -> list[str]:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return [item["title"] for item in answer.json()["items"]]

    assert await titles("/v1/risks", sort="-score") == ["高", "中", "低"]
    assert await titles("/v1/risks", filter=f"exceeded && project_id == '{one['id']}'") == ["高"]
    assert await titles(f"/v1/projects/{one['id']}/risks", sort="score") == ["低", "高"]
    assert await titles(f"/v1/projects/{one['id']}/risks", filter="score > 8 && score < 10") == []
    missing = await client.get(f"/v1/projects/{new_id()}/risks")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
