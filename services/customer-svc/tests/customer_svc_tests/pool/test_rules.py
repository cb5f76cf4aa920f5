import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.context import Caller
from crm_platform.testing.companies import live_in
from crm_platform.testing.plugin import RunningService

TEAM = "01975d3a-0000-7000-8000-000000000000"


async def test_a_rule_is_shown_as_it_was_made_and_changed(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    made = await client.post("/v1/pool-rules", json={"max_owned": 50, "return_after_days": 30})
    path = made.headers["location"]
    body = {"max_owned": None, "return_statuses": ["prospect", "dormant"], "hidden": []}
    changed = await client.patch(path, json=body, headers={"if-match": '"1"'})
    removed = await client.delete(path, headers={"if-match": '"2"'})

    rule = made.json()
    assert rule == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": rule["created_at"],
        "updated_by": agent.actor,
        "team_id": None,
        "max_owned": 50,
        "max_claims_per_day": None,
        "time_zone": "UTC",
        "return_after_days": 30,
        "return_statuses": ["prospect"],
        "hidden": None,
    }
    assert changed.json() | {"updated_at": ...} == rule | body | {"version": 2, "updated_at": ...}
    assert (removed.status_code, (await client.get(path)).status_code) == (204, 404)
    events = await service.sql("SELECT type FROM outbox ORDER BY id")
    assert [row["type"] for row in events] == ["pool_rule.created", "pool_rule.updated", "pool_rule.deleted"]


async def test_there_is_one_rule_per_team_and_one_for_everybody(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    bodies = [{}, {"team_id": TEAM}, {}, {"team_id": TEAM}]
    answers = [await client.post("/v1/pool-rules", json=body) for body in bodies]

    assert [answer.status_code for answer in answers] == [201, 201, 409, 409]
    assert {answer.json()["code"] for answer in answers[2:]} == {"pool_rule_exists"}
    assert len(await service.sql("SELECT 1 FROM outbox")) == 2


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"time_zone": "Asia/Pudong"}, "/time_zone", "unknown_time_zone"),
        ({"return_after_days": 0}, "/return_after_days", "greater_than_equal"),
        ({"return_statuses": []}, "/return_statuses", "too_short"),
        ({"hidden": ["name"]}, "/hidden/0", "enum"),
        ({"hidden": ["website"], "team_id": TEAM}, "/hidden", "only_for_everybody"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, service: RunningService, body: dict[str, object], pointer: str, code: str
) -> None:
    answer = await client.post("/v1/pool-rules", json=body)

    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert await service.sql("SELECT 1 FROM outbox") == []


async def test_a_rule_that_names_no_time_zone_is_one_of_where_the_company_is(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await live_in(service, agent.tenant_id, "Asia/Shanghai")

    made = (await client.post("/v1/pool-rules", json={})).json()
    await live_in(service, agent.tenant_id, "America/New_York", version=2)
    of_team = (await client.post("/v1/pool-rules", json={"team_id": TEAM})).json()

    assert (made["time_zone"], of_team["time_zone"]) == ("Asia/Shanghai", "America/New_York")
    assert (await client.get(f"/v1/pool-rules/{made['id']}")).json() == made
