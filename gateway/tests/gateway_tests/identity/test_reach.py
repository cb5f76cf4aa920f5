"""Who sees the records of some teams only gives nobody, himself included, those of other teams."""

from typing import Any

import httpx
import pytest

from gateway_tests.identity.running import PASSWORD, Company, Person, at, problem

SCOPES = ["users:read", "users:write", "teams:read", "teams:write"]


class Desk:
    """A helper of the desk, who sees what the desk does, and the sales team, which is none of his business."""

    def __init__(self, company: Company, ids: dict[str, str], seller: Person, helper: Person) -> None:
        self.company = company
        self.ids = ids
        self.seller = seller
        self.helper = helper


@pytest.fixture
async def desk(acme: Company, admin: httpx.AsyncClient) -> Desk:
    role = {"name": "helper", "title": "Helper", "scopes": SCOPES, "visibility": "team"}
    assert (await admin.post("/api/v1/roles", json=role)).status_code == 201
    ids = {name: await acme.team(name) for name in ("desk", "sales")}
    ids["phone"] = await acme.team("phone", parent_id=ids["desk"])
    seller = await acme.person("seller@acme.test", team_id=ids["sales"])
    helper = await acme.person("helper@acme.test", team_id=ids["desk"], roles=["helper"])
    return Desk(acme, ids, seller, helper)


async def test_nobody_reaches_the_records_of_another_team_by_way_of_the_teams(desk: Desk) -> None:
    sales, me = f"/api/v1/teams/{desk.ids['sales']}", desk.helper.id
    async with await desk.company.as_("helper@acme.test") as helper:
        answers = [
            await helper.patch(sales, json={"manager_id": me}, headers=at(1)),
            await helper.patch(sales, json={"parent_id": desk.ids["desk"]}, headers=at(1)),
        ]
        entry = {"name": "sales", "manager_id": me}
        batch = await helper.post("/api/v1/teams/batch", json={"items": [entry], "mode": "upsert"})
        renamed = await helper.patch(sales, json={"name": "Sales"}, headers=at(1))

    assert [problem(answer) for answer in answers] == [(403, "beyond_own_rights")] * 2
    assert answers[0].json()["detail"].endswith(f"team {desk.ids['sales']}.")
    assert batch.json()["results"][0]["problem"]["code"] == "beyond_own_rights"
    assert renamed.status_code == 200


async def test_nobody_reaches_them_by_way_of_the_people(desk: Desk) -> None:
    other: dict[str, Any] = {"team_id": desk.ids["sales"]}
    body = {"email": "x@acme.test", "name": "X", "password": PASSWORD} | other
    entry = {"email": "x@acme.test", "name": "X"} | other
    async with await desk.company.as_("helper@acme.test") as helper:
        answers = [
            await helper.patch(desk.helper.path, json=other, headers=at(1)),
            await helper.post("/api/v1/users", json=body),
            await helper.post(f"{desk.seller.path}/password", json={"password": "taken over, ha ha"}, headers=at(1)),
            await helper.patch(desk.seller.path, json={"email": "mine@acme.test"}, headers=at(1)),
            await helper.post(f"{desk.seller.path}/deactivate", headers=at(1)),
        ]
        batch = await helper.post("/api/v1/users/batch", json={"items": [entry]})

    assert [problem(answer) for answer in answers] == [(403, "beyond_own_rights")] * 5
    assert batch.json()["results"][0]["problem"]["code"] == "beyond_own_rights"
    assert await desk.company.sql("SELECT count(*) FROM users") == [(3,)]


async def test_within_the_own_teams_all_of_that_is_possible(desk: Desk) -> None:
    phone = desk.ids["phone"]
    async with await desk.company.as_("helper@acme.test") as helper:
        made = await helper.post("/api/v1/users", json={"email": "x@acme.test", "name": "X", "team_id": phone})
        path = f"/api/v1/users/{made.json()['id']}"
        answers = [
            made,
            await helper.patch(path, json={"team_id": desk.ids["desk"]}, headers=at(1)),
            await helper.post(f"{path}/password", json={"password": PASSWORD}, headers=at(2)),
            await helper.patch(f"/api/v1/teams/{phone}", json={"manager_id": desk.helper.id}, headers=at(1)),
            await helper.patch(f"/api/v1/teams/{phone}", json={"parent_id": None}, headers=at(2)),
        ]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200]
