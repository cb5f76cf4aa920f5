"""Roles hide, mask and protect members; the rules travel in the token."""

from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from crm_platform.context import FieldRule
from gateway.roles.domain import Rights
from gateway.roles.members import MEMBERS
from gateway_tests.identity.running import Company, at, problem
from gateway_tests.identity.test_tokens import claims_in

ROLE: dict[str, Any] = {
    "name": "caller",
    "title": "Call centre",
    "scopes": ["customers:read", "customers:write"],
    "visibility": "all",
    "fields": [
        {"resource": "customers", "member": "phone", "level": "masked"},
        {"resource": "customers", "member": "credit_limit", "level": "hidden"},
    ],
}


def rights(scopes: Iterable[str], **levels: Any) -> Rights:
    rules = tuple(sorted(FieldRule("customers", member, level) for member, level in levels.items()))
    return Rights(frozenset(scopes), "own", rules)


async def claims_of(acme: Company, email: str) -> dict[str, Any]:
    return claims_in((await acme.sign_in(email))["access_token"])


async def test_whoever_has_a_role_carries_its_rules(acme: Company, admin: httpx.AsyncClient) -> None:
    made = (await admin.post("/api/v1/roles", json=ROLE)).json()
    await acme.person("li@acme.test", roles=["caller"])
    await acme.person("wu@acme.test", roles=["caller", "agent"])

    assert made["fields"] == ROLE["fields"]
    assert (await claims_of(acme, "li@acme.test"))["fld"] == {
        "customers": {"credit_limit": "hidden", "phone": "masked"}
    }
    assert "fld" not in (await claims_of(acme, "wu@acme.test"))
    path = f"/api/v1/roles/{made['id']}"
    assert (await admin.patch(path, json={"fields": []}, headers=at(1))).json()["fields"] == []
    assert "fld" not in (await claims_of(acme, "li@acme.test"))


async def test_members_exist_and_stand_there_once(admin: httpx.AsyncClient) -> None:
    phone = ROLE["fields"][0]
    for fields in (
        [phone, phone],
        [phone | {"member": "fax"}],
        [phone | {"resource": "dreams"}],
        [phone | {"member": "id"}],
    ):
        assert problem(await admin.post("/api/v1/roles", json=ROLE | {"fields": fields})) == (409, "unknown_member")
    level = [phone | {"level": "write"}]
    assert problem(await admin.post("/api/v1/roles", json=ROLE | {"fields": level})) == (422, "invalid_payload")


async def test_nobody_gives_others_more_of_a_member_than_he_has(acme: Company, admin: httpx.AsyncClient) -> None:
    scopes = [*ROLE["scopes"], "roles:read", "roles:write", "credentials:read", "credentials:write"]
    await admin.post("/api/v1/roles", json=ROLE | {"scopes": scopes})
    await acme.person("li@acme.test", roles=["caller"])
    tighter = [rule | {"level": "hidden"} for rule in ROLE["fields"]]
    key = {"name": "k", "scopes": ["customers:read"], "visibility": "own"}

    async with await acme.as_("li@acme.test") as li:
        wider = await li.post("/api/v1/roles", json=ROLE | {"name": "x", "fields": ROLE["fields"][:1]})
        machine = await li.post("/api/v1/credentials", json=key)
        equal = await li.post("/api/v1/roles", json=ROLE | {"name": "y"})
        less = await li.post("/api/v1/roles", json=ROLE | {"name": "z", "fields": tighter})

    assert [problem(wider), problem(machine)] == [(403, "beyond_own_rights")] * 2
    assert "customers.credit_limit" in wider.json()["detail"]
    assert "customers.phone" in machine.json()["detail"]
    assert (equal.status_code, less.status_code) == (201, 201)


READS = ["customers:read"]


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ([rights(READS, phone="masked")], {"phone": "masked"}),
        ([rights(READS, phone="masked"), rights(["customers:write"], phone="read")], {"phone": "read"}),
        ([rights(READS, phone="masked"), rights(READS)], {}),
        ([rights(READS, phone="masked"), rights(["tickets:read"])], {"phone": "masked"}),
        ([rights(READS, phone="hidden"), rights(["*"])], {}),
        ([rights(READS, phone="hidden"), rights(READS, phone="masked", name="read")], {"phone": "masked"}),
    ],
)
def test_of_several_roles_the_most_generous_counts(parts: list[Rights], left: dict[str, str]) -> None:
    assert {rule.member: rule.level for rule in Rights.union(parts).fields} == left


def test_members_are_those_of_the_records() -> None:
    assert {"customers", "contacts", "opportunities", "deliveries", "pool-rules"} <= MEMBERS.keys()
    assert {"phone", "credit_limit", "owner_id"} <= MEMBERS["customers"]
    assert not {"users", "roles"} & MEMBERS.keys()
