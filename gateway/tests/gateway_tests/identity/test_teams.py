import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.ids import new_id
from gateway_tests.identity.running import Company, RunningGateway, at, problem, until

BATCH = "/api/v1/teams/batch"


async def test_a_new_team_is_shown_as_it_was_entered(acme: Company, admin: httpx.AsyncClient) -> None:
    parent = await acme.team("总部")
    person = await acme.person("li@acme.test")

    answer = await admin.post("/api/v1/teams", json={"name": " 华东 ", "parent_id": parent, "manager_id": person.id})

    assert answer.status_code == 201
    team = answer.json()
    assert team == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": f"user:{acme.admin_id}",
        "updated_at": team["created_at"],
        "updated_by": f"user:{acme.admin_id}",
        "name": "华东",
        "parent_id": parent,
        "manager_id": person.id,
    }
    assert (await admin.get(answer.headers["location"])).json() == team
    assert await acme.sql("SELECT type, topic FROM outbox WHERE aggregate_id = $1::text::uuid", team["id"]) == [
        ("team.created", "crm.team.v1")
    ]


async def test_a_team_moves_with_if_match(acme: Company, admin: httpx.AsyncClient) -> None:
    one, other = await acme.team("One"), await acme.team("Other")

    without = await admin.patch(f"/api/v1/teams/{one}", json={"parent_id": other})
    moved = await admin.patch(f"/api/v1/teams/{one}", json={"parent_id": other}, headers=at(1))
    back = await admin.patch(f"/api/v1/teams/{one}", json={"parent_id": None, "name": "Eins"}, headers=at(2))

    assert problem(without) == (428, "precondition_required")
    assert (moved.json()["parent_id"], moved.json()["name"]) == (other, "One")
    assert (back.json()["parent_id"], back.json()["name"], back.json()["version"]) == (None, "Eins", 3)


async def test_a_team_cannot_become_part_of_itself(acme: Company, admin: httpx.AsyncClient) -> None:
    top = await acme.team("Top")
    middle = await acme.team("Middle", parent_id=top)
    low = await acme.team("Low", parent_id=middle)

    answers = [
        await admin.patch(f"/api/v1/teams/{top}", json={"parent_id": below}, headers=at(1))
        for below in (top, middle, low)
    ]

    assert [problem(answer) for answer in answers] == [(409, "team_loop")] * 3


@asynccontextmanager
async def tree_locked(company: Company, *, until_waiting: int) -> AsyncIterator[None]:
    """Somebody else changes the hierarchy until so many requests wait for it."""
    connection = await asyncpg.connect(company.gateway.admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock(4201201, hashtext($1))", str(company.id))
        yield
        await until(connection, "locktype = 'advisory' AND classid = 4201201", waiting=until_waiting)
    finally:
        await connection.close()


async def test_two_moves_that_cross_close_no_loop(acme: Company, admin: httpx.AsyncClient) -> None:
    one, other = await acme.team("One"), await acme.team("Other")

    async with asyncio.TaskGroup() as moves, tree_locked(acme, until_waiting=2):
        tasks = [
            moves.create_task(admin.patch(f"/api/v1/teams/{team}", json={"parent_id": above}, headers=at(1)))
            for team, above in ((one, other), (other, one))
        ]
    answers = [task.result() for task in tasks]

    assert sorted(answer.status_code for answer in answers) == [200, 409], "and nobody ran into a deadlock"
    assert await acme.sql("SELECT count(*) FROM teams WHERE parent_id IS NOT NULL") == [(1,)]


async def test_the_hierarchy_has_at_most_twenty_levels(acme: Company, admin: httpx.AsyncClient) -> None:
    line = [await acme.team("level 1")]
    for level in range(2, 21):
        line.append(await acme.team(f"level {level}", parent_id=line[-1]))
    pair = await acme.team("pair")
    await acme.team("below pair", parent_id=pair)

    deeper = await admin.post("/api/v1/teams", json={"name": "level 21", "parent_id": line[-1]})
    too_tall = await admin.patch(f"/api/v1/teams/{pair}", json={"parent_id": line[18]}, headers=at(1))
    fits = await admin.patch(f"/api/v1/teams/{pair}", json={"parent_id": line[17]}, headers=at(1))

    assert [problem(deeper), problem(too_tall)] == [(409, "hierarchy_too_deep")] * 2
    assert fits.status_code == 200


async def test_names_are_unique_at_each_place(acme: Company, admin: httpx.AsyncClient) -> None:
    top = await acme.team("Sales")
    await acme.team("Sales", parent_id=top)
    other = await acme.team("Other", parent_id=top)

    answers = [
        await admin.post("/api/v1/teams", json={"name": "SALES"}),
        await admin.post("/api/v1/teams", json={"name": "sales ", "parent_id": top}),
        await admin.patch(f"/api/v1/teams/{other}", json={"name": "Sales"}, headers=at(1)),
    ]

    assert [problem(answer) for answer in answers] == [(409, "team_name_taken")] * 3


async def test_parent_and_manager_must_exist(gateway: RunningGateway, acme: Company, admin: httpx.AsyncClient) -> None:
    other = await gateway.company()
    foreign_team, foreign_person = await other.team("Theirs"), await other.person("x@acme.test")
    team = await acme.team("Ours")

    for parent in (str(new_id()), foreign_team):
        created = await admin.post("/api/v1/teams", json={"name": "X", "parent_id": parent})
        moved = await admin.patch(f"/api/v1/teams/{team}", json={"parent_id": parent}, headers=at(1))
        assert [problem(created), problem(moved)] == [(409, "unknown_parent_team")] * 2
    for manager in (str(new_id()), foreign_person.id):
        created = await admin.post("/api/v1/teams", json={"name": "X", "manager_id": manager})
        changed = await admin.patch(f"/api/v1/teams/{team}", json={"manager_id": manager}, headers=at(1))
        assert [problem(created), problem(changed)] == [(409, "unknown_manager")] * 2


@pytest.mark.parametrize("body", [{"name": ""}, {"name": None}, {"parent_id": "x"}, {"members": []}], ids=str)
async def test_what_does_not_fit_is_refused(acme: Company, admin: httpx.AsyncClient, body: dict[str, object]) -> None:
    team = await acme.team("Team")

    created = await admin.post("/api/v1/teams", json={"name": "X"} | body)
    updated = await admin.patch(f"/api/v1/teams/{team}", json=body, headers=at(1))

    assert [problem(created), problem(updated)] == [(422, "invalid_payload")] * 2


async def test_a_batch_creates_and_brings_up_to_date_by_name_and_place(acme: Company, admin: httpx.AsyncClient) -> None:
    person = await acme.person("li@acme.test")
    names = [{"name": name} for name in ("东", "西", "East")]
    created = (await admin.post(BATCH, json={"items": names})).json()
    ids = [result["id"] for result in created["results"]]

    items = [{"name": "东"}, {"name": "西", "manager_id": person.id}, {"name": "东", "parent_id": ids[0]}]
    upserted = (await admin.post(BATCH, json={"items": items, "mode": "upsert"})).json()

    assert created["created"] == 3
    assert [result["status"] for result in upserted["results"]] == ["unchanged", "updated", "created"]
    assert [result["id"] for result in upserted["results"]][:2] == ids[:2]
    assert (await admin.get(f"/api/v1/teams/{ids[1]}")).json()["manager_id"] == person.id


async def test_one_bad_item_of_a_batch_does_not_spoil_the_others(acme: Company, admin: httpx.AsyncClient) -> None:
    await acme.team("Known")
    items = [{"name": "New"}, {"name": "Known"}, {"name": "X", "parent_id": str(new_id())}, {"name": ""}]

    answer = (await admin.post(BATCH, json={"items": items})).json()

    codes = [result.get("problem", {}).get("code") for result in answer["results"]]
    assert codes == [None, "team_name_taken", "unknown_parent_team", "invalid_payload"]
    assert sorted(await acme.sql("SELECT name FROM teams")) == [("Known",), ("New",)]


async def test_teams_are_listed_by_name(acme: Company, admin: httpx.AsyncClient) -> None:
    top = await acme.team("b")
    for name in ("C", "a"):
        await acme.team(name, parent_id=top)

    everything = (await admin.get("/api/v1/teams")).json()["items"]
    below = (await admin.get("/api/v1/teams", params={"filter": f"parent_id == '{top}'"})).json()["items"]

    assert [team["name"] for team in everything] == ["a", "b", "C"]
    assert [team["name"] for team in below] == ["a", "C"]
