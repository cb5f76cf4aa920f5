"""A project that is over, with something in each of its registers."""

from typing import Any

import httpx

from project_svc_tests.execution.support import Site
from project_svc_tests.lessons.test_lessons import ACCESS, record
from project_svc_tests.monitoring.test_earned_value import STARTED, spend
from project_svc_tests.outcomes.test_endpoints import plan as plan_outcome
from project_svc_tests.quality_gates.test_endpoints import passing
from project_svc_tests.quality_gates.test_endpoints import plan as plan_gate
from project_svc_tests.support import act, done, submitted

CHARTER = {
    "objectives": ["访客三十秒内入园"],
    "scope_out": ["停车收费"],
    "success_criteria": ["高峰期排队不超过五人", "全年可用率 99.9 %"],
    "contract_reference": "HT-2026-17",
}
VERDICTS = [
    {"criterion": 2, "finding": "partly_met", "comment": "六月停机一次"},
    {"criterion": 1, "finding": "met"},
]


async def completed(site: Site, **charter: Any) -> dict[str, Any]:
    """The project, completed without anything in its registers."""
    api = site.api
    before = (await api.get(site.path)).json()
    changed = await api.patch(site.path, json=charter, headers={"if-match": f'"{before["version"]}"'})
    assert changed.status_code == 200, changed.text
    project = await done(api, site.path.removeprefix("/v1/"), "approve")
    return await done(api, f"projects/{project['id']}", "complete")


async def lived(site: Site, **charter: Any) -> dict[str, Any]:
    """The project, completed after it was carried out: late, over budget, with a risk that struck."""
    api = site.api
    before = (await api.get(site.path)).json()
    await api.patch(site.path, json=charter, headers={"if-match": f'"{before["version"]}"'})
    project = await done(api, site.path.removeprefix("/v1/"), "approve")
    for task, day in (("dig", "2026-03-06"), ("build", "2026-03-20")):
        answer = await site.report(task, 100, day, **STARTED, actual_finish=f"{day}T17:00:00Z")
        assert answer.status_code == 201, answer.text
    await spend(site, "a", "6250", "2026-03-20", task="dig")
    await _registers(api, project)
    return await done(api, f"projects/{project['id']}")


async def _registers(api: httpx.AsyncClient, project: dict[str, Any]) -> None:
    gate = await plan_gate(api, project)
    passed = {"verdict": "passed", "findings": passing(gate)}
    assert (await act(api, f"quality-gates/{gate['id']}", "review", 1, **passed)).status_code == 200
    risk = {"project_id": project["id"], "title": "供应商延期", "category": "contract", "probability": 4, "impact": 4}
    raised = (await api.post("/v1/risks", json=risk)).json()
    struck = await act(api, f"risks/{raised['id']}", "close", raised["version"], struck=True)
    assert struck.json()["struck"] is True, struck.text
    issue = {"project_id": project["id"], "title": "门禁误报", "kind": "defect", "severity": "high"}
    opened = (await api.post("/v1/issues", json=issue)).json()
    await act(api, f"issues/{opened['id']}", "resolve", 1, resolution="更换固件")
    outcome = await plan_outcome(api, project, review_on="2199-01-01")
    await act(api, f"outcomes/{outcome['id']}", "measure", 1, value="12.5", measured_on="2026-03-21")
    await record(api, project, **ACCESS)
    delivery = await submitted(api, project, name="上线报告")  # the last one: the project is completed with it
    await done(api, f"deliveries/{delivery['id']}", "accept")
