"""Progress reports: kept as they are, taken over by their task, and refused where they contradict themselves."""

import asyncio

import pytest

from project_svc_tests.execution.support import Site

STARTED = {"actual_start": "2026-03-02T08:00:00Z"}


async def test_a_task_takes_over_its_latest_report(site: Site) -> None:
    first = await site.report("dig", 40, "2026-03-04", **STARTED, note="挖了一半")
    late = await site.report("dig", 20, "2026-03-03", **STARTED)

    assert (first.status_code, late.status_code) == (201, 201), first.text
    assert (first.json()["note"], first.json()["as_of"]) == ("挖了一半", "2026-03-04T17:00:00+00:00")
    task = (await site.api.get(f"/v1/tasks/{site.tasks['dig']}")).json()
    assert (task["percent_complete"], task["actual_start"], task["version"]) == (40, "2026-03-02T08:00:00+00:00", 2)
    assert await site.told("progress_report") == [("progress.reported", 1)] * 2
    query = {"filter": f"task_id == '{site.tasks['dig']}'", "sort": "as_of"}
    listed = (await site.api.get("/v1/progress-reports", params=query)).json()["items"]
    assert [one["percent_complete"] for one in listed] == [20, 40]
    assert (await site.api.get(first.headers["location"])).json() == first.json()


@pytest.mark.parametrize(
    ("percent", "fields", "pointer", "code"),
    [
        (10, {}, "/actual_start", "not_started"),
        (10, {"actual_start": "2026-03-05T08:00:00Z"}, "/actual_start", "after_the_report"),
        (99, STARTED | {"actual_finish": "2026-03-04T09:00:00Z"}, "/percent_complete", "not_complete"),
        (100, STARTED | {"actual_finish": "2026-03-01T09:00:00Z"}, "/actual_finish", "before_the_start"),
        (100, STARTED | {"actual_finish": "2026-03-04T09:00:00Z", "remaining": 5}, "/remaining", "nothing_left"),
        (10, STARTED | {"note": "2199-01-01"}, "/as_of", "in_the_future"),
    ],
)
async def test_a_report_that_contradicts_itself_is_refused(
    site: Site, percent: int, fields: dict[str, object], pointer: str, code: str
) -> None:
    refused = await site.report("dig", percent, str(fields.get("note", "2026-03-04")), **fields)

    assert refused.status_code == 422, refused.text
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]
    assert await site.told("progress_report") == []
    assert (await site.api.get(f"/v1/tasks/{site.tasks['dig']}")).json()["version"] == 1


async def test_summaries_and_unknown_tasks_have_no_progress(site: Site) -> None:
    summary = await site.report("works", 10, "2026-03-04", **STARTED)
    site.tasks["gone"] = "01900000-0000-7000-8000-000000000000"
    unknown = await site.report("gone", 10, "2026-03-04", **STARTED)

    assert (summary.status_code, summary.json()["code"]) == (409, "plan_refused")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_task")
    assert await site.told("progress_report") == []


async def test_reports_at_the_same_time_are_all_kept_and_the_latest_counts(site: Site) -> None:
    days = ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]

    answers = await asyncio.gather(
        *(site.report("dig", 10 * place, day, **STARTED) for place, day in enumerate(days, 1))
    )

    assert [one.status_code for one in answers] == [201] * 4
    task = (await site.api.get(f"/v1/tasks/{site.tasks['dig']}")).json()
    assert task["percent_complete"] == 40
    assert await site.told("progress_report") == [("progress.reported", 1)] * 4
