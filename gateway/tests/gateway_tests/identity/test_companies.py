"""Where a company's days begin and end: said when it is set up or later, told to every service."""

import asyncio

import httpx
import pytest
from dirty_equals import IsDatetime

from crm_platform.http.time_zones import known_zones
from crm_platform.ids import new_id
from gateway.bootstrap import TenantReady, ensure_tenant
from gateway.companies.schemas import CompanyDefinition
from gateway_tests.identity.running import ADMIN_EMAIL, PASSWORD, Company, RunningGateway, problem

PATH = "/api/v1/company"


async def test_a_company_that_has_said_nothing_lives_by_utc(acme: Company, admin: httpx.AsyncClient) -> None:
    shown = await admin.get(PATH)

    assert shown.json() == {"version": 0, "updated_at": None, "updated_by": None, "time_zone": "UTC"}
    assert await acme.sql("SELECT 1 FROM companies") == []


async def test_what_an_administrator_says_is_told_once(acme: Company, admin: httpx.AsyncClient) -> None:
    answers = [await admin.put(PATH, json={"time_zone": zone}) for zone in ("Asia/Shanghai", "Asia/Shanghai", "UTC")]

    author = f"user:{acme.admin_id}"
    assert [answer.json() for answer in answers] == [
        {"version": version, "updated_at": IsDatetime(iso_string=True), "updated_by": author, "time_zone": zone}
        for version, zone in ((1, "Asia/Shanghai"), (1, "Asia/Shanghai"), (2, "UTC"))
    ]
    assert (await admin.get(PATH)).json() == answers[-1].json()
    told = "SELECT type, aggregate_id, version, convert_from(payload, 'UTF8')::json ->> 'changed' FROM outbox"
    assert await acme.sql(f"{told} WHERE topic = 'crm.company.v1' ORDER BY version") == [
        ("company.defined", acme.id, 1, "[]"),
        ("company.updated", acme.id, 2, '["time_zone"]'),
    ]


async def test_it_is_said_once_by_many_at_a_time(acme: Company, admin: httpx.AsyncClient) -> None:
    zones = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "UTC")

    answers = await asyncio.gather(*(admin.put(PATH, json={"time_zone": zone}) for zone in zones))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4]
    versions = "SELECT version FROM outbox WHERE topic = 'crm.company.v1' ORDER BY version"
    assert await acme.sql(versions) == [(1,), (2,), (3,), (4,)]


@pytest.mark.parametrize(
    "zone", ["", "Asia/Atlantis", "asia/shanghai", "UTC+8", "localtime", "../etc/passwd", "x\u0000"]
)
async def test_what_is_no_zone_is_refused(acme: Company, admin: httpx.AsyncClient, zone: str) -> None:
    refused = await admin.put(PATH, json={"time_zone": zone})

    assert problem(refused) == (422, "invalid_payload")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/time_zone"]
    assert await acme.sql("SELECT 1 FROM companies") == []


async def test_the_refusal_is_in_the_callers_language(admin: httpx.AsyncClient) -> None:
    refused = await admin.put(PATH, json={"time_zone": "Asia/Atlantis"}, headers={"accept-language": "zh"})

    assert refused.json()["errors"][0]["detail"] == "不是 IANA 时区名称，例如 Asia/Shanghai"


async def test_all_people_see_it_and_administrators_change_it(acme: Company, admin: httpx.AsyncClient) -> None:
    await admin.put(PATH, json={"time_zone": "Asia/Shanghai"})
    await acme.person("li@acme.test", roles=["manager"])
    async with await acme.as_("li@acme.test") as li:
        seen = await li.get(PATH)
        refused = await li.put(PATH, json={"time_zone": "UTC"})

    assert seen.json()["time_zone"] == "Asia/Shanghai"
    assert problem(refused) == (403, "forbidden")
    assert await acme.sql("SELECT time_zone, version FROM companies") == [("Asia/Shanghai", 1)]


async def test_it_is_said_when_the_company_is_set_up_and_not_again(gateway: RunningGateway) -> None:
    slug = f"t-{new_id().hex[-12:]}"
    database, identity = gateway.runtime.database, gateway.settings.identity

    async def set_up(zone: str) -> TenantReady:
        body = CompanyDefinition(time_zone=zone)
        return await ensure_tenant(database, slug, "T", ADMIN_EMAIL, PASSWORD, identity=identity, company=body)

    ready = await set_up("Asia/Shanghai")
    await set_up("America/New_York")

    made = Company(gateway, ready.tenant_id, slug, ready.admin_id)
    assert await made.sql("SELECT id, time_zone, created_by FROM companies") == [
        (ready.tenant_id, "Asia/Shanghai", "system:bootstrap")
    ]
    assert await made.sql("SELECT type FROM outbox ORDER BY type") == [("company.defined",), ("user.created",)]


async def test_postgresql_knows_every_zone_that_is_accepted(gateway: RunningGateway) -> None:
    statement = "SELECT name FROM unnest($1::text[]) AS name EXCEPT SELECT name FROM pg_timezone_names"

    assert await gateway.sql(statement, sorted(known_zones())) == []
