"""What is on time is so by the days of the company: 16:00 UTC is midnight in Shanghai, 04:00 in New York's summer."""

from datetime import UTC, date, datetime
from uuid import UUID

import httpx
import pytest
import time_machine

from crm_platform.context import Caller
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from project_svc_tests.company_days.conftest import MoveTo
from project_svc_tests.conftest import OpenProject
from project_svc_tests.support import act, done, submitted

DUE = "2026-03-31"


def at(text: str) -> time_machine.travel:
    """The moment in UTC, from which time goes on."""
    return time_machine.travel(datetime.fromisoformat(text).replace(tzinfo=UTC), tick=True)


@pytest.mark.parametrize(
    ("zone", "accepted_at", "on_time"),
    [
        (None, "2026-03-31T23:59:30", True),
        (None, "2026-04-01T00:00:00", False),
        ("Asia/Shanghai", "2026-03-31T15:59:30", True),
        ("Asia/Shanghai", "2026-03-31T16:00:00", False),
        ("America/New_York", "2026-04-01T03:59:30", True),
        ("America/New_York", "2026-04-01T04:00:00", False),
    ],
)
async def test_a_delivery_is_on_time_until_its_day_is_over(
    client: httpx.AsyncClient,
    open_project: OpenProject,
    move_to: MoveTo,
    zone: str | None,
    accepted_at: str,
    *,
    on_time: bool,
) -> None:
    if zone is not None:
        await move_to(zone)
    delivery = await submitted(client, await open_project(), due_on=DUE)

    with at(accepted_at):
        accepted = (await act(client, f"deliveries/{delivery['id']}", "accept", delivery["version"])).json()

    assert (accepted["status"], accepted["on_time"]) == ("accepted", on_time)
    assert accepted["accepted_at"].startswith(accepted_at[:16])


async def test_what_was_judged_stays_and_others_keep_their_days(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject, move_to: MoveTo, agent: Caller
) -> None:
    project = await open_project()
    first, second = [await submitted(client, project, due_on=DUE) for _ in range(2)]

    with at("2026-03-31T16:00:00"):
        by_utc = (await act(client, f"deliveries/{first['id']}", "accept", first["version"])).json()
        await move_to("Asia/Shanghai")
        in_shanghai = (await act(client, f"deliveries/{second['id']}", "accept", second["version"])).json()
    kept = (await client.get(f"/v1/deliveries/{first['id']}")).json()
    zones = "SELECT time_zone FROM known_companies WHERE tenant_id = ANY ($1)"

    assert (by_utc["on_time"], kept["on_time"], in_shanghai["on_time"]) == (True, True, False)
    assert await service.sql(zones, [agent.tenant_id]) == [("Asia/Shanghai",)]
    assert await service.sql(zones, [caller().tenant_id]) == []


async def test_an_older_word_of_the_company_does_not_take_its_zone_back(
    service: RunningService, move_to: MoveTo, agent: Caller
) -> None:
    for zone, version in (("Asia/Shanghai", 2), ("America/New_York", 1), ("Asia/Shanghai", 2)):
        await move_to(zone, version)

    known = "SELECT id, version, time_zone FROM known_companies WHERE tenant_id = $1"
    assert await service.sql(known, agent.tenant_id) == [(agent.tenant_id, 2, "Asia/Shanghai")]


async def test_the_days_to_decide_begin_with_the_day_of_the_company(
    client: httpx.AsyncClient, open_project: OpenProject, move_to: MoveTo
) -> None:
    await move_to("Asia/Shanghai")
    rule = {"working_days": 1, "country": "CN"}
    delivery = await submitted(client, await open_project(), due_on="2199-12-31", deemed_acceptance=rule)
    path = f"deliveries/{delivery['id']}"
    await done(client, path, "reject")

    with at("2026-03-11T16:00:00"):  # Thursday the 12th in Shanghai
        again = (await act(client, path, "submit", delivery["version"] + 1)).json()

    assert again["deemed_on"] == "2026-03-13"


async def test_months_and_periods_of_rates_are_those_of_the_company(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject, move_to: MoveTo
) -> None:
    await move_to("Asia/Shanghai")
    project = await open_project()
    made = [await submitted(client, project) for _ in range(2)]
    moments = ("2026-03-31T15:59:59.999999", "2026-03-31T16:00:00")
    for delivery, accepted_at in zip(made, moments, strict=True):
        await done(client, f"deliveries/{delivery['id']}", "accept")
        moment = datetime.fromisoformat(accepted_at).replace(tzinfo=UTC)
        await service.sql("UPDATE deliveries SET accepted_at = $2 WHERE id = $1", UUID(delivery["id"]), moment)

    async def counts(**params: str) -> dict[str, int]:
        answer = await client.get("/v1/delivery-rates", params={"dimension": "month", **params})
        return {item["key"]: item["accepted"] for item in answer.json()["items"]}

    assert await counts() == {"2026-03": 1, "2026-04": 1}
    assert await counts(accepted_until="2026-03-31") == {"2026-03": 1}
    assert await counts(accepted_from="2026-04-01", accepted_until="2026-04-01") == {"2026-04": 1}
    await move_to("America/New_York", 2)
    assert await counts() == {"2026-03": 2}
    await move_to("UTC", 3)
    assert await counts() == {"2026-03": 2}


async def test_reports_tell_the_days_of_the_company(
    client: httpx.AsyncClient, service: RunningService, open_project: OpenProject, move_to: MoveTo
) -> None:
    await move_to("Asia/Shanghai")
    project = await open_project()
    delivery = await submitted(client, project)
    await done(client, f"deliveries/{delivery['id']}", "accept")
    moment = datetime(2026, 3, 31, 16, tzinfo=UTC)
    await service.sql("UPDATE deliveries SET accepted_at = $2 WHERE id = $1", UUID(delivery["id"]), moment)
    await service.sql("UPDATE projects SET completed_at = $2 WHERE id = $1", UUID(project["id"]), moment)

    with at("2026-05-01T20:00:00"):
        page = (await client.get(f"/v1/projects/{project['id']}/outcome-report", params={"format": "html"})).text

    assert page.count("2026-04-01") == 2
    assert "2026-05-02" in page
    assert "2026-03-31" not in page


async def test_records_get_the_day_of_the_company(
    client: httpx.AsyncClient, open_project: OpenProject, move_to: MoveTo
) -> None:
    await move_to("Asia/Shanghai")
    await open_project(approve=False)
    with at("2026-03-31T16:00:00"):
        project = await open_project(approve=False)
        body = {"project_id": project["id"], "title": "补测", "kind": "corrective", "source": "other"}
        answers = [
            await client.post("/v1/corrective-actions", json=body | {"due_on": day})
            for day in ("2026-03-31", "2026-04-01")
        ]

    assert project["starts_on"] == str(date(2026, 4, 1))
    assert [answer.json()["overdue"] for answer in answers] == [True, False]
