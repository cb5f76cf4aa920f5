import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime

from crm_contracts.service_desk.v1 import SurveyAnswered, SurveySent, SurveySnapshot, SurveyStatus
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.plugin import RunningService, deliver
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import LONG_AGO, act, done

MONEY = {"amount": "300000", "currency": "CNY"}
COST = {"amount": "120000", "currency": "CNY"}


async def plan(client: httpx.AsyncClient, project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {
        "project_id": project["id"],
        "name": "平均处理时长",
        "unit": "小时",
        "direction": "decrease",
        "baseline": "20",
        "target": "10",
        **fields,
    }
    answer = await client.post("/v1/outcomes", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def answered(project_id: str, customer_id: UUID, score: int | None, id: UUID, version: int) -> SurveySnapshot:
    return SurveySnapshot(
        id=id,
        version=version,
        created_at=LONG_AGO,
        created_by="user:x",
        updated_at=LONG_AGO,
        updated_by="user:x",
        owner_id=None,
        team_id=None,
        customer_id=customer_id,
        project_id=UUID(project_id),
        delivery_id=None,
        status=SurveyStatus.SENT if score is None else SurveyStatus.ANSWERED,
        sent_at=LONG_AGO,
        answered_at=None if score is None else LONG_AGO,
        score=score,
        comment=None,
    )


async def test_an_outcome_is_agreed(
    client: httpx.AsyncClient, agent: Caller, customer_id: UUID, open_project: OpenProject
) -> None:
    project = await open_project()
    days = ["2026-06-01", "2026-03-01", "2026-06-01"]

    made = await plan(client, project, benefit=MONEY, cost=COST, measure_on=days, review_on="2199-01-01")

    assert made == {
        "id": made["id"],
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": made["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
        "project_id": project["id"],
        "customer_id": str(customer_id),
        "name": "平均处理时长",
        "unit": "小时",
        "direction": "decrease",
        "source": "typed",
        "baseline": "20",
        "baseline_on": None,
        "target": "10",
        "target_on": None,
        "measure_on": ["2026-03-01", "2026-06-01"],
        "measurements": [],
        "actual": None,
        "attainment": None,
        "evaluation": None,
        "benefit": MONEY,
        "cost": COST,
        "benefit_cost_ratio": "2.5",
        "review_on": "2199-01-01",
        "review_due": False,
        "reviews": [],
        "status": "planned",
        "drop_reason": None,
    }


async def test_an_outcome_is_measured_evaluated_and_reviewed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, open_project: OpenProject
) -> None:
    made = await plan(client, await open_project())
    path = f"outcomes/{made['id']}"

    measured = (await act(client, path, "measure", 1, value="12.50", note="三月")).json()
    evidence = [{"name": "看板", "url": "https://bi.example/1"}]
    evaluated = (await act(client, path, "evaluate", 2, summary="明显下降", evidence=evidence)).json()
    reviewed = (await act(client, path, "review", 3, verdict="partly_achieved", lessons="先统一分类")).json()

    assert (measured["actual"], measured["attainment"], measured["status"]) == ("12.5", "75", "measured")
    assert measured["measurements"] == [
        {
            "measured_on": measured["updated_at"][:10],
            "value": "12.5",
            "source": "typed",
            "reference": None,
            "note": "三月",
            "recorded_at": IsDatetime(iso_string=True),
            "recorded_by": agent.actor,
        }
    ]
    assert (evaluated["evaluation"]["score"], evaluated["evaluation"]["verdict"]) == (75, "partly_achieved")
    assert evaluated["evaluation"]["evidence"] == evidence
    assert (reviewed["status"], reviewed["reviews"][0]["lessons"]) == ("reviewed", "先统一分类")
    rows = await service.sql("SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY id", UUID(made["id"]))
    assert [row["type"] for row in rows] == [
        *("outcome.planned", "outcome.measured", "outcome.evaluated", "outcome.reviewed"),
    ]
    over = await act(client, path, "measure", 4, value="11")
    assert (over.status_code, over.json()["code"]) == (409, "invalid_transition")


async def test_a_pushed_value_counts_once_whoever_repeats_it(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject
) -> None:
    made = await plan(client, await open_project())
    body = {"value": "15", "reference": "bi-2026-03", "measured_on": "2026-03-01"}

    first = (await act(client, f"outcomes/{made['id']}", "measure", 1, **body)).json()
    again = (await act(client, f"outcomes/{made['id']}", "measure", 2, **body | {"value": "16"})).json()

    assert (first["attainment"], again) == ("50", first)
    rows = await service.sql("SELECT version FROM outbox WHERE aggregate_id = $1", UUID(made["id"]))
    assert len(rows) == 2


async def test_satisfaction_and_loyalty_follow_the_known_surveys_of_the_project(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, customer_id: UUID, open_project: OpenProject
) -> None:
    project, other = await open_project(), await open_project()
    csat = await plan(
        client, project, name="满意度", unit="%", direction="increase", source="satisfaction", target="90"
    )
    loyal = await plan(client, project, name="忠诚度", unit="%", direction="increase", source="loyalty", target="50")
    theirs = await plan(client, other, direction="increase", source="satisfaction", target="90")
    sent = answered(project["id"], customer_id, None, new_id(), 1)
    await deliver(service, SurveySent(state=sent), tenant_id=agent.tenant_id)
    for id, version, score in ((sent.id, 2, 5), (new_id(), 1, 5), (new_id(), 1, 2)):
        event = SurveyAnswered(state=answered(project["id"], customer_id, score, id, version))
        for _ in range(2):
            await deliver(service, event, tenant_id=agent.tenant_id)

    found = [(await client.get(f"/v1/outcomes/{one['id']}")).json() for one in (csat, loyal, theirs)]
    by_hand = await act(client, f"outcomes/{csat['id']}", "measure", found[0]["version"], value="99")

    assert [one["actual"] for one in found] == ["66.67", "33.33", None]
    assert found[0]["attainment"] == "66.67"
    assert [len(one["measurements"]) for one in found] == [1, 1, 0]
    assert found[0]["measurements"][0]["source"] == "satisfaction"
    assert found[0]["measurements"][0]["recorded_by"] == "system:project-svc"
    # 5 makes 100 %, another 5 leaves it so, and 2 makes two thirds: two changes, whatever came twice.
    assert (found[0]["version"], found[2]["version"]) == (3, 1)
    assert (by_hand.status_code, by_hand.json()["code"]) == (409, "measured_by_events")


async def test_a_project_is_closed_when_what_is_due_is_reviewed(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    project, today = await open_project(), datetime.now(UTC).date()
    due = await plan(client, project, review_on=str(today))
    dropped = await plan(client, project, review_on=str(today - timedelta(days=9)))
    await plan(client, project, review_on=str(today + timedelta(days=9)))
    await plan(client, project)
    await done(client, f"projects/{project['id']}", "complete")
    version = (await client.get(f"/v1/projects/{project['id']}")).json()["version"]

    refused = [await act(client, f"projects/{project['id']}", "close", version)]
    await act(client, f"outcomes/{dropped['id']}", "drop", 1, reason="不再适用")
    refused.append(await act(client, f"projects/{project['id']}", "close", version))
    await act(client, f"outcomes/{due['id']}", "measure", 1, value="10")
    await act(client, f"outcomes/{due['id']}", "evaluate", 2)
    await act(client, f"outcomes/{due['id']}", "review", 3, verdict="achieved", next_review_on="2199-01-01")
    closed = await act(client, f"projects/{project['id']}", "close", version)
    late = await client.post(
        "/v1/outcomes",
        json={"project_id": project["id"], "name": "x", "unit": "%", "baseline": "1", "target": "2"},
    )
    after = await act(client, f"outcomes/{due['id']}", "measure", 4, value="9")

    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "outcomes_unreviewed")] * 2
    assert "2 outcome(s)" in refused[0].json()["detail"]
    assert closed.json()["status"] == "closed"
    assert (late.status_code, late.json()["code"]) == (409, "project_ended")
    # What was delivered is measured on when the project is closed.
    assert (after.json()["actual"], after.json()["attainment"]) == ("9", "110")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"target": "20"}, 409, "target_not_ahead"),
        ({"target": "21"}, 409, "target_not_ahead"),
        (
            {"benefit": {"amount": "1", "currency": "CNY"}, "cost": {"amount": "1", "currency": "EUR"}},
            409,
            "currencies_differ",
        ),
        ({"cost": {"amount": "-1", "currency": "EUR"}}, 422, "invalid_payload"),
        ({"baseline": "1e400"}, 422, "invalid_payload"),
        ({"baseline": "NaN"}, 422, "invalid_payload"),
        ({"review_on": "9999-12-31"}, 422, "invalid_payload"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    client: httpx.AsyncClient, open_project: OpenProject, fields: dict[str, Any], status: int, code: str
) -> None:
    body = {"project_id": (await open_project())["id"], "name": "x", "unit": "%", "direction": "decrease"}
    answer = await client.post("/v1/outcomes", json=body | {"baseline": "20", "target": "10"} | fields)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get("/v1/outcomes")).json()["items"] == []


async def test_of_two_values_at_once_one_is_told_to_look_again(
    client: httpx.AsyncClient, open_project: OpenProject
) -> None:
    made = await plan(client, await open_project())

    answers = await asyncio.gather(
        *(act(client, f"outcomes/{made['id']}", "measure", 1, value=str(number)) for number in (11, 12, 13))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


async def test_what_is_agreed_is_changed(client: httpx.AsyncClient, open_project: OpenProject) -> None:
    made = await plan(client, await open_project())
    await act(client, f"outcomes/{made['id']}", "measure", 1, value="15")
    url, match = f"/v1/outcomes/{made['id']}", {"if-match": '"2"'}

    wrong = await client.patch(url, json={"direction": "increase"}, headers=match)
    changed = await client.patch(url, json={"target": "5", "review_on": "2199-01-01"}, headers=match)

    assert (wrong.status_code, wrong.json()["code"]) == (409, "target_not_ahead")
    assert (changed.json()["attainment"], changed.json()["review_on"]) == ("33.33", "2199-01-01")
