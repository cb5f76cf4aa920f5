"""Timesheets: one's own, approved by somebody else, and then costs by the rates of their days."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from project_svc_tests.execution.support import Site

WEEK = "2026-03-02"


def entry(site: Site, task: str, day: str, minutes: int, **fields: Any) -> dict[str, Any]:
    return {"task_id": site.tasks[task], "day": day, "minutes": minutes, **fields}


async def person(site: Site, who: Caller, *rates: tuple[str, str], currency: str = "CNY") -> None:
    """The resource that a user is, with rates from some days on."""
    body = {
        "name": "王芳",
        "kind": "person",
        "user_id": str(who.id),
        "rates": [{"since": since, "rate": {"amount": amount, "currency": currency}} for since, amount in rates],
    }
    answer = await site.api.post("/v1/resources", json=body)
    assert answer.status_code == 201, answer.text


async def submitted(site: Site, *entries: dict[str, Any]) -> str:
    made = await site.api.post("/v1/timesheets", json={"week_starts_on": WEEK, "entries": list(entries)})
    assert made.status_code == 201, made.text
    path = str(made.headers["location"])
    sent = await site.api.post(f"{path}/submit", json={}, headers={"if-match": '"1"'})
    assert (sent.status_code, sent.json()["status"]) == (200, "submitted"), sent.text
    return path


async def costs(site: Site) -> list[tuple[str, str, int]]:
    query = {"filter": f"project_id == '{site.planner.project_id}'", "sort": "incurred_on"}
    items = (await site.api.get("/v1/project-costs", params=query)).json()["items"]
    return [(one["incurred_on"], one["amount"]["amount"], one["minutes"]) for one in items]


async def test_approved_work_costs_what_the_rate_of_its_day_says(
    site: Site, who: Caller, above: httpx.AsyncClient
) -> None:
    await person(site, who, ("2026-01-01", "100"), ("2026-03-04", "130.5"))
    path = await submitted(
        site, entry(site, "dig", "2026-03-03", 90), entry(site, "dig", "2026-03-04", 100, note="加班")
    )
    assert await costs(site) == []

    approved = await above.post(f"{path}/approve", json={}, headers={"if-match": '"2"'})

    assert (approved.status_code, approved.json()["status"]) == (200, "approved"), approved.text
    assert await costs(site) == [("2026-03-03", "150", 90), ("2026-03-04", "217.5", 100)]
    assert await site.told("timesheet") == [
        *(("timesheet.created", 1), ("timesheet.submitted", 2), ("timesheet.approved", 3)),
    ]
    again = await above.post(f"{path}/approve", json={}, headers={"if-match": '"3"'})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert len(await costs(site)) == 2


async def test_work_costs_what_can_be_paid_in_the_currency_of_the_plan(
    site: Site, who: Caller, above: httpx.AsyncClient
) -> None:
    await site.planner.edit(currency="JPY")
    await person(site, who, ("2026-01-01", "1001"), currency="JPY")
    path = await submitted(site, entry(site, "dig", "2026-03-03", 100))  # 1668.33 yen
    approved = await above.post(f"{path}/approve", json={}, headers={"if-match": '"2"'})

    assert approved.status_code == 200, approved.text
    assert await costs(site) == [("2026-03-03", "1668", 100)]


async def test_two_approvals_at_once_cost_once(site: Site, who: Caller, above: httpx.AsyncClient) -> None:
    await person(site, who, ("2026-01-01", "100"))
    path = await submitted(site, entry(site, "dig", "2026-03-03", 60))

    both = [above.post(f"{path}/approve", json={}, headers={"if-match": '"2"'}) for _ in range(2)]
    answers = await asyncio.gather(*both)

    assert sorted(one.status_code for one in answers) == [200, 412]
    assert await costs(site) == [("2026-03-03", "100", 60)]


async def test_nobody_approves_their_own_work_or_changes_that_of_others(
    site: Site, who: Caller, above: httpx.AsyncClient
) -> None:
    await person(site, who, ("2026-01-01", "100"))
    path = await submitted(site, entry(site, "dig", "2026-03-03", 60))

    own = await site.api.post(f"{path}/approve", json={}, headers={"if-match": '"2"'})
    others = await above.patch(path, json={"entries": []}, headers={"if-match": '"2"'})
    waiting = await site.api.patch(path, json={"entries": []}, headers={"if-match": '"2"'})

    assert [(one.status_code, one.json()["code"]) for one in (own, others, waiting)] == [
        *((409, "own_timesheet"), (403, "not_your_timesheet"), (409, "invalid_transition")),
    ]
    assert await costs(site) == []


async def test_what_is_rejected_is_corrected_and_submitted_again(site: Site, above: httpx.AsyncClient) -> None:
    path = await submitted(site, entry(site, "dig", "2026-03-03", 60))

    rejected = await above.post(f"{path}/reject", json={"reason": "任务不对"}, headers={"if-match": '"2"'})
    mended = await site.api.patch(
        path, json={"entries": [entry(site, "build", "2026-03-03", 30)]}, headers={"if-match": '"3"'}
    )
    again = await site.api.post(f"{path}/submit", json={}, headers={"if-match": '"4"'})

    assert [one.json()["status"] for one in (rejected, mended, again)] == ["rejected", "draft", "submitted"]
    assert (again.json()["minutes"], again.json()["decided_by"]) == (30, None)


async def test_work_without_a_rate_is_not_approved(site: Site, who: Caller, above: httpx.AsyncClient) -> None:
    await person(site, who, ("2026-03-04", "100"))
    path = await submitted(site, entry(site, "dig", "2026-03-03", 60), entry(site, "dig", "2026-03-04", 60))

    refused = await above.post(f"{path}/approve", json={}, headers={"if-match": '"2"', "accept-language": "zh"})

    assert (refused.status_code, refused.json()["code"]) == (409, "rate_missing")
    assert "2026-03-03" in refused.json()["detail"]
    assert (await site.api.get(path)).json()["status"] == "submitted"
    assert await costs(site) == []


@pytest.mark.parametrize(
    ("week", "day", "minutes", "pointer", "code"),
    [
        ("2026-03-03", "2026-03-03", 60, "/week_starts_on", "not_a_monday"),
        (WEEK, "2026-03-09", 60, "/entries/0/day", "outside_of_the_week"),
        (WEEK, "2026-03-02", 721, "/entries/1/minutes", "more_than_a_day"),
    ],
)
async def test_a_week_that_cannot_be_is_refused(
    site: Site, week: str, day: str, minutes: int, pointer: str, code: str
) -> None:
    entries = [entry(site, "dig", day, minutes)] * (2 if "1" in pointer else 1)

    refused = await site.api.post("/v1/timesheets", json={"week_starts_on": week, "entries": entries})

    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]
    assert await site.told("timesheet") == []


async def test_summaries_take_no_time_an_empty_week_is_not_submitted_and_there_is_one_a_week(site: Site) -> None:
    body = {"week_starts_on": WEEK, "entries": [entry(site, "works", WEEK, 60)]}
    summary = await site.api.post("/v1/timesheets", json=body)
    empty = await site.api.post("/v1/timesheets", json={"week_starts_on": WEEK})
    second = await site.api.post("/v1/timesheets", json={"week_starts_on": WEEK})
    nothing = await site.api.post(f"{empty.headers['location']}/submit", json={}, headers={"if-match": '"1"'})

    assert [one["code"] for one in summary.json()["errors"]] == ["unknown_task"]
    assert [(one.status_code, one.json()["code"]) for one in (second, nothing)] == [
        *((409, "already_exists"), (409, "timesheet_empty")),
    ]


async def test_a_person_who_sees_only_what_is_theirs_sees_their_timesheets_alone(
    site: Site, shared: RunningService, who: Caller
) -> None:
    await submitted(site, entry(site, "dig", WEEK, 60))
    other = replace(who, id=site.planner.project_id, visibility="own")

    async with shared.as_(other) as client:
        assert (await client.get("/v1/timesheets")).json()["items"] == []
    async with shared.as_(replace(who, visibility="own")) as client:
        assert len((await client.get("/v1/timesheets")).json()["items"]) == 1
