"""Issues and defects, from when they are found until that they are gone is verified."""

import pytest

from crm_contracts.execution.v1 import IssueStatus
from project_svc.issues.domain import LIFE_CYCLE
from project_svc_tests.execution.support import Site


async def act(site: Site, path: str, action: str, version: int, **body: str) -> tuple[int, dict[str, object]]:
    answer = await site.api.post(f"{path}/{action}", json=body, headers={"if-match": f'"{version}"'})
    return answer.status_code, answer.json()


async def test_a_defect_that_comes_back_is_counted(site: Site) -> None:
    body = {"project_id": str(site.planner.project_id), "title": "漏水", "severity": "high", "kind": "defect"}
    opened = await site.api.post("/v1/issues", json=body | {"task_id": site.tasks["build"]})
    path = opened.headers["location"]
    assigned = await site.api.patch(path, json={"severity": "critical"}, headers={"if-match": '"1"'})
    assert (opened.status_code, assigned.json()["severity"]) == (201, "critical")

    steps = [
        await act(site, path, "start", 2),
        await act(site, path, "resolve", 3, resolution="换了垫圈"),
        await act(site, path, "reopen", 4, reason="又漏了"),
        await act(site, path, "resolve", 5, resolution="换了水管"),
        await act(site, path, "close", 6),
    ]

    assert [(code, found["status"]) for code, found in steps] == [
        *((200, "in_progress"), (200, "resolved"), (200, "open"), (200, "resolved"), (200, "closed")),
    ]
    assert (steps[2][1]["resolution"], steps[4][1]["resolution"], steps[4][1]["reopened"]) == (None, "换了水管", 1)
    assert [name for name, _ in await site.told("issue")] == [
        *("issue.opened", "issue.updated", "issue.started", "issue.resolved", "issue.reopened", "issue.resolved"),
        "issue.closed",
    ]


async def test_an_issue_is_of_a_project_and_its_tasks(site: Site) -> None:
    body = {"project_id": str(site.planner.project_id), "title": "?", "severity": "low"}

    unknown = await site.api.post("/v1/issues", json=body | {"project_id": site.tasks["dig"]})
    foreign = await site.api.post("/v1/issues", json=body | {"task_id": str(site.planner.project_id)})

    assert [(one.status_code, one.json()["code"]) for one in (unknown, foreign)] == [
        *((409, "unknown_project"), (409, "unknown_task")),
    ]
    assert await site.told("issue") == []


@pytest.mark.parametrize("status", IssueStatus)
@pytest.mark.parametrize("action", ["start", "resolve", "reopen", "close"])
def test_the_life_cycle_is_this_table(status: IssueStatus, action: str) -> None:
    table = {
        "open": {"start": "in_progress", "resolve": "resolved", "close": "closed"},
        "in_progress": {"resolve": "resolved", "close": "closed"},
        "resolved": {"reopen": "open", "close": "closed"},
        "closed": {"reopen": "open"},
    }
    found = LIFE_CYCLE.transitions.get((status, action))
    assert (found and found.value) == table[status.value].get(action)
