from uuid import uuid4

import pytest

from crm_platform.context import Caller, Visibility
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService


async def test_another_tenant_finds_nothing_whatever_it_tries(service: RunningService, agent: Caller) -> None:
    async with service.as_(agent) as ours:
        path = (await ours.post("/v1/customers", json={"name": "Acme", "external_refs": [REF]})).headers["location"]
    async with service.as_(caller()) as theirs:
        listed = (await theirs.get("/v1/customers", params={"count": "exact"})).json()
        answers = [
            await theirs.get(path),
            await theirs.patch(path, json={"grade": "A"}, headers={"if-match": '"1"'}),
            await theirs.delete(path, headers={"if-match": '"1"'}),
            await theirs.post(f"{path}/activate", json={}, headers={"if-match": '"1"'}),
        ]
        child = await theirs.post("/v1/customers", json={"name": "Child", "parent_id": path.rsplit("/", 1)[1]})
        same_ref = await theirs.post("/v1/customers", json={"name": "Acme", "external_refs": [REF]})

    assert (listed["items"], listed["count"]) == ([], {"value": 0, "relation": "eq"})
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 4
    assert (child.status_code, child.json()["code"]) == (409, "unknown_parent")
    assert same_ref.status_code == 201
    async with service.as_(agent) as ours:
        assert (await ours.get(path)).json()["version"] == 1


REF = {"system": "erp", "external_id": "C-1"}


@pytest.mark.parametrize(
    ("visibility", "names"),
    [
        ("own", {"mine", "pool"}),
        ("team", {"mine", "pool", "teammate", "below"}),
        ("all", {"mine", "pool", "teammate", "below", "stranger"}),
    ],
)
async def test_a_caller_sees_what_the_visibility_allows(
    service: RunningService, agent: Caller, visibility: Visibility, names: set[str]
) -> None:
    team, below, elsewhere = uuid4(), uuid4(), uuid4()
    me = colleague(agent, visibility=visibility, team_ids=[team, below])
    owners: dict[str, dict[str, str | None]] = {
        "mine": {"owner_id": str(me.id), "team_id": None},
        "pool": {"owner_id": None, "team_id": None},
        "teammate": {"owner_id": str(uuid4()), "team_id": str(team)},
        "below": {"owner_id": str(uuid4()), "team_id": str(below)},
        "stranger": {"owner_id": str(uuid4()), "team_id": str(elsewhere)},
    }
    paths = {}
    async with service.as_(agent) as client:
        for name, owner in owners.items():
            answer = await client.post("/v1/customers", json={"name": name, **owner})
            paths[name] = answer.headers["location"]
    async with service.as_(me) as client:
        page = (await client.get("/v1/customers", params={"count": "exact"})).json()
        found = {name for name, path in paths.items() if (await client.get(path)).status_code == 200}
        changed = {
            name
            for name, path in paths.items()
            if (await client.patch(path, json={"grade": "A"}, headers={"if-match": '"1"'})).status_code == 200
        }

    assert {item["name"] for item in page["items"]} == names
    assert page["count"] == {"value": len(names), "relation": "eq"}
    assert found == names
    assert changed == (names if visibility == "all" else names - {"pool"})  # what is in the pool is claimed first
