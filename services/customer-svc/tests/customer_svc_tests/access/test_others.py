"""Whoever may is told what others may do, of whom only the gateway knows; about records of his own sight only."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx

from crm_platform.context import Caller, FieldRule
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService


async def ask(service: RunningService, who: Caller, about: Caller, id: str, **more: Any) -> httpx.Response:
    """What ``who`` is answered about another; ``more`` are claims of what the gateway tells of that one."""
    path, query = f"/v1/customers/{id}/access/explain", {"user_id": str(about.id), "action": more.pop("action", "read")}
    async with service.as_(who, **{"crm-about": service.issuer.about(about, **more)}) as client:
        return await client.get(path, params=query)


def whys(answer: httpx.Response) -> tuple[bool, str | None, list[str]]:
    assert answer.status_code == 200, answer.text
    access = answer.json()
    return access["allowed"], access["stopped_by"], [step["why"] for step in access["steps"]]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_the_rule_that_lets_or_stops_another_is_named(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    team = uuid4()
    owner = colleague(agent, "customers:read", visibility="own", team_ids=[team])
    mate = colleague(agent, visibility="team", team_ids=[team])
    blind = replace(
        colleague(agent, visibility="own"), fields=(FieldRule("customers", "phone", "masked"),), language="zh"
    )
    made = await client.post(
        "/v1/customers", json={"name": "远帆科技", "owner_id": str(owner.id), "team_id": str(team)}
    )
    pooled = await client.post("/v1/customers", json={"name": "Matanga Oy", "owner_id": None, "team_id": None})
    id, pool, read = made.json()["id"], pooled.json()["id"], "customers:read"

    assert whys(await ask(service, agent, owner, id)) == (True, None, [read, "own"])
    assert whys(await ask(service, agent, mate, id)) == (True, None, [read, "own_team"])
    assert whys(await ask(service, agent, blind, id)) == (False, "visibility", [read, "not_seen"])
    written = await ask(service, agent, owner, id, action="write")
    assert whys(written) == (False, "scope", ["customers:write", "own", "not_in_pool"])
    claimed = await ask(service, agent, blind, pool, action="write")
    assert whys(claimed) == (False, "pool", ["customers:write", "pool", "claim_it_first"])
    assert claimed.json()["fields"]["rules"] == {"phone": "masked"}
    assert "phone" in claimed.json()["fields"]["hidden_by_pool"]
    gone = await ask(service, agent, owner, id, active=False)
    assert whys(gone) == (False, "account", ["inactive", read, "own"])


async def test_nothing_is_told_of_records_that_whoever_asks_does_not_see(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    owner = colleague(agent, visibility="own")
    made = await client.post("/v1/customers", json={"name": "远帆科技", "owner_id": str(owner.id)})
    id, nowhere = made.json()["id"], str(uuid4())
    blind = colleague(agent, visibility="own", team_ids=[uuid4()])
    unread = colleague(agent, "access:read")
    stranger = caller()

    for who, about in ((blind, owner), (unread, owner), (stranger, replace(owner, tenant_id=stranger.tenant_id))):
        told, nothing = await ask(service, who, about, id), await ask(service, who, about, nowhere)
        assert told.content == nothing.content
        assert whys(told) == (False, "visibility", ["customers:read", "not_seen"])
    assert whys(await ask(service, agent, owner, id)) == (True, None, ["customers:read", "own"])


async def test_who_may_not_ask_about_others_is_refused(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    id = (await client.post("/v1/customers", json={"name": "远帆科技"})).json()["id"]
    path = f"/v1/customers/{id}/access/explain"
    other, plain = colleague(agent), colleague(agent, "customers:read")

    assert refusal(await ask(service, plain, other, id)) == (403, "forbidden")
    assert whys(await ask(service, plain, plain, id)) == (True, None, ["customers:read", "all"])
    assert refusal(await client.get(path, params={"user_id": str(other.id)})) == (403, "rights_of_others_unknown")
    assert refusal(await client.get(path, params={"user_id": "li"})) == (400, "invalid_parameter")


async def test_only_what_the_gateway_tells_of_that_user_counts(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    id = (await client.post("/v1/customers", json={"name": "远帆科技"})).json()["id"]
    path, other = f"/v1/customers/{id}/access/explain", colleague(agent)
    third, foreign = colleague(agent), replace(other, tenant_id=uuid4())
    query = {"user_id": str(other.id)}

    for token, expected in (
        (service.issuer.about(third), (403, "rights_of_others_unknown")),
        (service.issuer.about(foreign), (403, "rights_of_others_unknown")),
        (service.issuer.token(other), (401, "unauthenticated")),
        (service.issuer.about(other, exp=1), (401, "unauthenticated")),
    ):
        answer = await client.get(path, params=query, headers={"crm-about": token})
        assert refusal(answer) == expected
    about = service.issuer.about(other)
    used = await client.get("/v1/customers", headers={"authorization": f"Bearer {about}"})
    assert refusal(used) == (401, "unauthenticated")
