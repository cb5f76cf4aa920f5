from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.context import Caller, Cause
from crm_platform.days import day_of
from crm_platform.db import Database
from crm_platform.testing.companies import live_in
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sweeps import swept
from crm_platform.testing.waiting import until
from crm_platform.uow import UnitOfWork
from customer_svc.quality_days import service as quality_days
from customer_svc.quality_days.domain import Figures
from customer_svc_tests.quality_scores.support import becomes, rule
from customer_svc_tests.segments.support import patched, posted


def test_averages_have_two_places_and_need_scores() -> None:
    assert str(Figures(QualityDimension.ALL, "", 3, 1, 200).average) == "66.67"
    assert Figures(QualityDimension.ALL, "", 0, 0, 0).average is None
    assert Figures(QualityDimension.RULE, "graded", 3, 1, None).average is None


async def scored(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> tuple[list[dict[str, Any]], Caller]:
    """Three customers of two sources and two owners, and rules that they break."""
    await start_worker(service)
    await rule(client, "graded", "has(grade)", weight=50, member="grade")
    await rule(client, "sourced", "has(source)", weight=50, member="source")
    other = colleague(agent, visibility="own")
    made = [
        await posted(client, "customers", name="甲", source="展会", grade="A", owner_id=str(agent.id), team_id=None),
        await posted(client, "customers", name="乙", source="展会", owner_id=str(agent.id), team_id=None),
        await posted(client, "customers", name="丙", owner_id=str(other.id), team_id=None),
    ]
    await becomes(client, made[0], 100)
    await becomes(client, made[1], 50, "graded")
    await becomes(client, made[2], 0, "graded", "sourced")
    return made, other


async def test_figures_are_told_apart_by_source_owner_rule_and_member(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    _, other = await scored(client, service, start_worker, agent)

    async def summary(by: httpx.AsyncClient, dimension: str) -> list[tuple[Any, ...]]:
        answer = await by.get("/v1/quality-summary", params={"dimension": dimension})
        assert answer.status_code == 200, answer.text
        return [(one["key"], one["records"], one["failing"], one["average"]) for one in answer.json()["items"]]

    assert await summary(client, "all") == [("", 3, 2, 50)]
    assert await summary(client, "source") == [("", 1, 1, 0), ("展会", 2, 1, 75)]
    assert await summary(client, "owner") == [(str(other.id), 1, 1, 0), (str(agent.id), 2, 1, 75)]
    assert await summary(client, "rule") == [("graded", 3, 2, None), ("sourced", 3, 1, None)]
    assert await summary(client, "member") == [("grade", 3, 2, None), ("source", 3, 1, None)]
    async with service.as_(other) as limited:
        assert await summary(limited, "all") == [("", 1, 1, 0)]
        assert await summary(limited, "rule") == [("graded", 1, 1, None), ("sourced", 1, 1, None)]


async def test_a_day_keeps_its_last_figures(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker, agent: Caller
) -> None:
    made, _ = await scored(client, service, start_worker, agent)
    await swept(service, "quality.write_down")

    async def days(**params: str) -> list[tuple[Any, ...]]:
        items = (await client.get("/v1/quality-days", params=params)).json()["items"]
        return [(one["key"], one["records"], one["failing"], one["average"]) for one in items]

    async def written() -> bool:
        return await days(filter="dimension == 'all'") == [("", 3, 2, 50.0)]

    await until(written, seconds=60)
    assert sorted(await days(filter="dimension == 'source'")) == [("", 1, 1, 0), ("展会", 2, 1, 75)]
    await service.sql("UPDATE quality_days SET day = day - 1")
    await service.sql(
        "INSERT INTO quality_days SELECT tenant_id, gen_random_uuid(), day - 801, dimension, key, 1, 1, 1"
        " FROM quality_days WHERE dimension = 'all'"
    )
    await patched(client, "customers", made[2], source="展会", grade="B")
    await becomes(client, made[2], 100)
    await service.sql("UPDATE operation_sweeps SET next_at = now() WHERE kind = 'quality.write_down'")

    async def a_day_later() -> bool:
        return await days(filter="dimension == 'all'", sort="day") == [("", 3, 2, 50), ("", 3, 1, 83.33)]

    await until(a_day_later, seconds=60)
    latest = "dimension == 'source' && records == 3"
    assert await days(filter=latest) == [("展会", 3, 1, 83.33)]
    assert await days(filter="dimension == 'source'", sort="-day", limit="1") == [("展会", 3, 1, 83.33)]


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])
async def test_figures_are_those_of_the_day_of_the_company(
    client: httpx.AsyncClient, service: RunningService, agent: Caller, zone: str
) -> None:
    await live_in(service, agent.tenant_id, zone)
    await posted(client, "customers", name="甲")
    database: Database = service.app.state.runtime.database

    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        assert await quality_days.write_down(unit) > 0
    days = await service.sql("SELECT DISTINCT day FROM quality_days WHERE tenant_id = $1", agent.tenant_id)

    assert [row["day"] for row in days] == [day_of(unit.now, ZoneInfo(zone))]
