import httpx
import pytest
from dirty_equals import IsDatetime, IsUUID

from gateway.roles.domain import BUILT_IN, Rights
from gateway.scopes import LEVELS, SCOPES, widest
from gateway_tests.identity.running import Company, at, problem

ROLE = {
    "name": "desk-lead",
    "title": "Leiter des Service",
    "scopes": ["tickets:read", "tickets:write"],
    "visibility": "team",
}


async def test_a_new_role_is_shown_as_it_was_defined(acme: Company, admin: httpx.AsyncClient) -> None:
    scopes = ["tickets:write", "surveys:read", "tickets:write"]

    answer = await admin.post("/api/v1/roles", json=ROLE | {"scopes": scopes})

    assert answer.status_code == 201
    role = answer.json()
    assert role == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": f"user:{acme.admin_id}",
        "updated_at": role["created_at"],
        "updated_by": f"user:{acme.admin_id}",
        "name": "desk-lead",
        "title": "Leiter des Service",
        "scopes": ["surveys:read", "tickets:write"],
        "visibility": "team",
        "fields": [],
    }
    assert (await admin.get(answer.headers["location"])).json() == role
    assert (await admin.get("/api/v1/roles")).json()["items"] == [role]
    assert await acme.sql("SELECT type, topic FROM outbox WHERE aggregate_type = 'role'") == [
        ("role.created", "crm.role.v1")
    ]


async def test_changing_a_role_changes_what_its_holders_may(acme: Company, admin: httpx.AsyncClient) -> None:
    role = (await admin.post("/api/v1/roles", json=ROLE)).json()
    await acme.person("li@acme.test", roles=["desk-lead"])
    tokens = await acme.sign_in("li@acme.test")

    change = {"scopes": ["teams:read"], "visibility": "own"}
    answer = await admin.patch(f"/api/v1/roles/{role['id']}", json=change, headers=at(1))
    renewed = (await acme.refresh(tokens["refresh_token"])).json()

    assert (answer.json()["version"], answer.json()["title"]) == (2, "Leiter des Service")
    async with acme.gateway.client(renewed["access_token"]) as li:
        me = (await li.get("/api/v1/auth/me")).json()
        assert (await li.get("/api/v1/teams")).status_code == 200
    assert (me["scopes"], me["visibility"]) == (["teams:read"], "own")


async def test_names_are_unique_and_none_is_that_of_a_built_in_role(admin: httpx.AsyncClient) -> None:
    await admin.post("/api/v1/roles", json=ROLE)

    answers = [await admin.post("/api/v1/roles", json=ROLE | {"name": name}) for name in ("desk-lead", "admin")]

    assert [problem(answer) for answer in answers] == [(409, "role_name_taken")] * 2


async def test_scopes_must_exist(admin: httpx.AsyncClient) -> None:
    role = (await admin.post("/api/v1/roles", json=ROLE)).json()
    scopes = ["tickets:read", "dreams:read"]

    created = await admin.post("/api/v1/roles", json=ROLE | {"name": "x", "scopes": scopes})
    updated = await admin.patch(f"/api/v1/roles/{role['id']}", json={"scopes": scopes}, headers=at(1))

    for answer in (created, updated):
        assert problem(answer) == (409, "unknown_scope")
        assert "dreams:read" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [{"scopes": ["*"]}, {"scopes": ["tickets:*"]}, {"visibility": "everything"}, {"name": "Not Good"}, {"power": 1}],
    ids=str,
)
async def test_what_does_not_fit_is_refused(admin: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert problem(await admin.post("/api/v1/roles", json=ROLE | body)) == (422, "invalid_payload")


async def test_nobody_defines_a_role_that_allows_more_than_he_may(acme: Company, admin: httpx.AsyncClient) -> None:
    mine = {"name": "definer", "title": "D", "scopes": ["roles:read", "roles:write"], "visibility": "team"}
    own = (await admin.post("/api/v1/roles", json=mine)).json()
    strong = (await admin.post("/api/v1/roles", json=ROLE)).json()
    await acme.person("li@acme.test", roles=["definer"])

    async with await acme.as_("li@acme.test") as li:
        answers = [
            await li.post("/api/v1/roles", json=ROLE | {"name": "x"}),
            await li.post("/api/v1/roles", json=mine | {"name": "x", "visibility": "all"}),
            await li.patch(f"/api/v1/roles/{own['id']}", json={"scopes": ["credentials:write"]}, headers=at(1)),
            await li.patch(f"/api/v1/roles/{own['id']}", json={"visibility": "all"}, headers=at(1)),
            await li.patch(f"/api/v1/roles/{strong['id']}", json={"scopes": []}, headers=at(1)),
        ]
        allowed = await li.post("/api/v1/roles", json=mine | {"name": "x", "visibility": "own"})

    assert [problem(answer) for answer in answers] == [(403, "beyond_own_rights")] * 5
    assert allowed.status_code == 201


async def test_a_change_needs_the_version_it_is_based_on(admin: httpx.AsyncClient) -> None:
    role = (await admin.post("/api/v1/roles", json=ROLE)).json()
    path = f"/api/v1/roles/{role['id']}"

    assert problem(await admin.patch(path, json={"title": "X"})) == (428, "precondition_required")
    assert (await admin.patch(path, json={"title": "X"}, headers=at(1))).status_code == 200
    assert problem(await admin.patch(path, json={"title": "Y"}, headers=at(1))) == (412, "version_mismatch")


async def test_built_in_roles_are_listed_in_the_language_of_the_caller(admin: httpx.AsyncClient) -> None:
    english = (await admin.get("/api/v1/roles/built-in")).json()["items"]
    chinese = (await admin.get("/api/v1/roles/built-in", headers={"accept-language": "zh"})).json()["items"]

    assert [role["name"] for role in english] == ["admin", "manager", "agent", "viewer", "partner", "auditor"]
    assert [role["visibility"] for role in english] == ["all", "team", "own", "all", "own", "all"]
    assert (english[1]["title"], chinese[1]["title"]) == ("Team manager", "团队经理")
    assert english[0]["scopes"] == ["*"]


async def test_scopes_are_listed_with_what_they_allow(acme: Company) -> None:
    await acme.person("li@acme.test", language="zh")
    async with await acme.as_("li@acme.test") as li:
        scopes = {item["scope"]: item["description"] for item in (await li.get("/api/v1/scopes")).json()["items"]}

    assert scopes.keys() == SCOPES.keys()
    assert scopes["customers:write"] == "录入和修改客户"


def test_every_scope_of_a_built_in_role_exists_and_only_administrators_may_everything() -> None:
    for role in BUILT_IN.values():
        assert role.scopes <= SCOPES.keys() or (role.name, role.scopes) == ("admin", frozenset({"*"}))
        if role.name not in {"admin", "auditor"}:
            assert not any(scope.startswith(("credentials", "audit")) for scope in role.scopes)
            assert not role.scopes & {"users:write", "teams:write", "roles:write"}


def test_an_auditor_changes_nothing() -> None:
    assert {scope.partition(":")[2] for scope in BUILT_IN["auditor"].scopes} == {"read"}


def test_rights_add_up_to_the_widest() -> None:
    parts = [Rights(frozenset({"a:read"}), "own"), Rights(frozenset({"b:read"}), "team")]

    assert Rights.union(parts) == Rights(frozenset({"a:read", "b:read"}), "team")
    assert Rights.union([*parts, Rights(frozenset({"*"}), "all")]) == Rights(frozenset({"*"}), "all")
    assert Rights.union([]) == Rights(frozenset(), "own")
    assert [widest([level]) for level in LEVELS] == list(LEVELS)
