"""Teams and roles that nobody needs can be removed, others cannot."""

import asyncio
from typing import Any

import asyncpg
import httpx
import orjson

from gateway_tests.identity.running import Company, RunningGateway, at, problem, until

ROLE = {"name": "desk-lead", "title": "Leiter", "scopes": ["tickets:read"], "visibility": "team"}
TREE = "/api/v1/teams"


async def told(acme: Company, id: str) -> list[tuple[Any, ...]]:
    return await acme.sql("SELECT type, version FROM outbox WHERE aggregate_id = $1::text::uuid ORDER BY id", id)


async def test_a_team_that_nothing_belongs_to_is_removed(acme: Company, admin: httpx.AsyncClient) -> None:
    team = await acme.team("上海")

    without = await admin.delete(f"{TREE}/{team}")
    stale = await admin.delete(f"{TREE}/{team}", headers=at(2))
    answer = await admin.delete(f"{TREE}/{team}", headers=at(1))

    assert [problem(without), problem(stale)] == [(428, "precondition_required"), (412, "version_mismatch")]
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await admin.get(f"{TREE}/{team}")).status_code == 404
    assert await told(acme, team) == [("team.created", 1), ("team.deleted", 2)]
    [(payload,)] = await acme.sql("SELECT payload FROM outbox WHERE type = 'team.deleted'")
    assert orjson.loads(payload)["state"]["name"] == "上海"
    await acme.team("上海")


async def test_a_team_that_something_belongs_to_stays(acme: Company, admin: httpx.AsyncClient) -> None:
    used = [await acme.team(name) for name in ("above", "of a person", "of a key")]
    await acme.team("below", parent_id=used[0])
    person = await acme.person("li@acme.test", team_id=used[1])
    await acme.credential(team_id=used[2])

    answers = [await admin.delete(f"{TREE}/{team}", headers=at(1)) for team in used]

    assert [problem(answer) for answer in answers] == [(409, "team_in_use")] * 3
    assert await acme.sql("SELECT count(*) FROM outbox WHERE type = 'team.deleted'") == [(0,)]
    await admin.patch(person.path, json={"team_id": None}, headers=at(1))
    assert (await admin.delete(f"{TREE}/{used[1]}", headers=at(1))).status_code == 204


async def test_a_role_that_nobody_has_is_removed(acme: Company, admin: httpx.AsyncClient) -> None:
    role = (await admin.post("/api/v1/roles", json=ROLE)).json()
    person = await acme.person("li@acme.test", roles=["desk-lead"])
    await admin.post(f"{person.path}/deactivate", headers=at(1))

    kept = await admin.delete(f"/api/v1/roles/{role['id']}", headers=at(1))
    await admin.patch(person.path, json={"roles": []}, headers=at(2))
    gone = await admin.delete(f"/api/v1/roles/{role['id']}", headers=at(1))

    assert problem(kept) == (409, "role_in_use")
    assert kept.json()["detail"] == "1 user(s) still have this role, active or not; take it from them first."
    assert gone.status_code == 204
    assert await told(acme, role["id"]) == [("role.created", 1), ("role.deleted", 2)]
    assert (await admin.post("/api/v1/roles", json=ROLE)).status_code == 201


async def test_nobody_removes_a_role_that_allows_more_than_he_may(acme: Company, admin: httpx.AsyncClient) -> None:
    mine = {"name": "definer", "title": "D", "scopes": ["roles:write"], "visibility": "team"}
    assert (await admin.post("/api/v1/roles", json=mine)).status_code == 201
    role = (await admin.post("/api/v1/roles", json=ROLE)).json()
    await acme.person("li@acme.test", roles=["definer"])

    async with await acme.as_("li@acme.test") as li:
        answer = await li.delete(f"/api/v1/roles/{role['id']}", headers=at(1))

    assert problem(answer) == (403, "beyond_own_rights")


async def test_a_role_is_not_removed_while_it_is_handed_out(gateway: RunningGateway, admin: httpx.AsyncClient) -> None:
    """Else somebody would keep a name that may mean something else one day."""
    role = (await admin.post("/api/v1/roles", json=ROLE)).json()
    # Two, since a transaction goes on seeing the backends that it saw first.
    other, watcher = [await asyncpg.connect(gateway.admin_url) for _ in range(2)]
    try:
        await other.execute("SET search_path TO gateway")
        async with other.transaction():
            await other.execute("LOCK TABLE users IN SHARE MODE")
            body = {"email": "li@acme.test", "name": "Li", "roles": ["desk-lead"]}
            handing = asyncio.create_task(admin.post("/api/v1/users", json=body))
            await until(watcher, "locktype = 'relation'", waiting=1)
            removing = asyncio.create_task(admin.delete(f"/api/v1/roles/{role['id']}", headers=at(1)))
            await until(watcher, "locktype = 'transactionid'", waiting=1)
        answers = await asyncio.gather(handing, removing)
    finally:
        await other.close()
        await watcher.close()

    assert [answer.status_code for answer in answers] == [201, 409]
    assert problem(answers[1]) == (409, "role_in_use")
