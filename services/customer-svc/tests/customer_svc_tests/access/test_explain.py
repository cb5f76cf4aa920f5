"""Callers are told which rule lets them do something, or stops them, and nothing about what they do not see."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx

from crm_platform.context import Caller, FieldRule
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService


async def told(service: RunningService, who: Caller, id: str, action: str) -> dict[str, Any]:
    async with service.as_(who) as client:
        answer = await client.get(f"/v1/customers/{id}/access/explain", params={"action": action})
        assert answer.status_code == 200, answer.text
        access: dict[str, Any] = answer.json()
        seen = (await client.get(f"/v1/customers/{id}")).status_code == 200
    if action == "read":
        assert access["allowed"] == seen
    return access


def whys(access: dict[str, Any]) -> tuple[bool, str | None, list[str]]:
    return access["allowed"], access["stopped_by"], [step["why"] for step in access["steps"]]


async def test_each_rule_is_named(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    team, below = uuid4(), uuid4()
    owner = colleague(agent, visibility="own", team_ids=[below])
    boss = colleague(agent, visibility="team", team_ids=[team, below])
    mate = colleague(agent, visibility="team", team_ids=[below])
    blind = colleague(agent, visibility="own", team_ids=[uuid4()])
    made = await client.post("/v1/customers", json={"name": "甲", "owner_id": str(owner.id), "team_id": str(below)})
    pooled = await client.post("/v1/customers", json={"name": "乙", "owner_id": None, "team_id": None})
    id, pool = made.json()["id"], pooled.json()["id"]
    read, not_seen = "customers:read", (False, "visibility", ["customers:read", "not_seen"])

    for who, expected in (
        (owner, (True, None, [read, "own"])),
        (mate, (True, None, [read, "own_team"])),
        (boss, (True, None, [read, "team_below"])),
        (agent, (True, None, [read, "all"])),
        (blind, not_seen),
        (caller(), not_seen),
        (replace(owner, scopes=frozenset({"contacts:read"})), (False, "scope", [read, "not_seen"])),
    ):
        assert whys(await told(service, who, id, "read")) == expected
    assert whys(await told(service, blind, str(uuid4()), "read")) == not_seen
    reader = replace(owner, scopes=frozenset({read}))
    assert whys(await told(service, reader, id, "write")) == (
        False,
        "scope",
        ["customers:write", "own", "not_in_pool"],
    )
    write = ["customers:write", "pool", "claim_it_first"]
    assert whys(await told(service, blind, pool, "write")) == (False, "pool", write)
    in_pool = await told(service, blind, pool, "read")
    assert whys(in_pool) == (True, None, [read, "pool"])
    assert "phone" in in_pool["fields"]["hidden_by_pool"]


async def test_rules_of_members_are_told(client: httpx.AsyncClient, service: RunningService, agent: Caller) -> None:
    made = await client.post("/v1/customers", json={"name": "甲"})
    limited = replace(agent, fields=(FieldRule("customers", "phone", "masked"), FieldRule("contacts", "name", "read")))

    access = await told(service, limited, made.json()["id"], "write")

    assert access["fields"] == {"hidden_by_pool": [], "rules": {"phone": "masked"}}
    answer = await client.get(f"/v1/customers/{made.json()['id']}/access/explain", params={"action": "fly"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
