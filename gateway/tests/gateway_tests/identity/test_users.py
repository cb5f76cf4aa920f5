import asyncio
from typing import Any

import httpx
import orjson
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_platform.ids import new_id
from gateway_tests.identity.running import PASSWORD, Company, RunningGateway, at, problem

BATCH = "/api/v1/users/batch"


def full_width(text: str) -> str:
    """The same letters as a Chinese keyboard may write them."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


async def test_a_new_user_is_shown_without_the_password(acme: Company, admin: httpx.AsyncClient) -> None:
    team = await acme.team("上海")
    body = {
        "email": " Li.Lei@Acme.test ",
        "name": " 李雷 ",
        "team_id": team,
        "roles": ["agent"],
        "language": "zh",
        "password": PASSWORD,
    }

    answer = await admin.post("/api/v1/users", json=body)

    assert answer.status_code == 201, answer.text
    user = answer.json()
    assert user == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": f"user:{acme.admin_id}",
        "updated_at": user["created_at"],
        "updated_by": f"user:{acme.admin_id}",
        "email": "Li.Lei@Acme.test",
        "name": "李雷",
        "team_id": team,
        "roles": ["agent"],
        "language": "zh",
        "active": True,
        "second_factor": False,
        "password_changed_at": user["created_at"],
    }
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/api/v1/users/{user['id']}"
    shown = await admin.get(answer.headers["location"])
    assert (shown.json(), shown.headers["etag"]) == (user, '"1"')
    assert (await acme.try_sign_in("li.lei@acme.test")).status_code == 200


async def test_the_event_tells_of_the_user_and_of_no_secret(acme: Company) -> None:
    person = await acme.person("li@acme.test", roles=["agent"])

    rows = await acme.sql(
        "SELECT type, topic, version, payload FROM outbox WHERE aggregate_id = $1::text::uuid", person.id
    )

    [(type_, topic, version, payload)] = rows
    assert (type_, topic, version) == ("user.created", "crm.user.v1", 1)
    event = orjson.loads(payload)
    assert set(event["state"]) == {
        "id",
        "version",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "email",
        "name",
        "team_id",
        "roles",
        "language",
        "active",
    }
    [(hash_,)] = await acme.sql("SELECT hash FROM passwords WHERE user_id = $1::text::uuid", person.id)
    assert hash_.startswith("$argon2id$v=19$")
    for table in ("outbox", "audit_entries", "idempotency", "users"):
        content = str(await acme.sql(f"SELECT * FROM {table}"))
        assert (PASSWORD in content, "argon2" in content) == (False, False), table


async def test_a_password_never_reaches_the_table_of_idempotent_answers(
    acme: Company, admin: httpx.AsyncClient
) -> None:
    body = {"email": "li@acme.test", "name": "Li", "password": PASSWORD}

    first = await admin.post("/api/v1/users", json=body, headers={"idempotency-key": "once"})
    second = await admin.post("/api/v1/users", json=body, headers={"idempotency-key": "once"})

    assert (first.status_code, problem(second)) == (201, (409, "email_taken"))
    assert await acme.sql("SELECT count(*) FROM idempotency") == [(0,)]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "it has fewer than 12 characters"),
        ("Li.Lei.Long@acme.test", "it is the e-mail address"),
        ("LI.LEI.LONG@ACME.TEST", "it is the e-mail address"),
        ("li.lei.long", "it has fewer than 12 characters"),
        ("Password1234", "it is one of the first that anybody would try"),
        (full_width("password1234"), "it is one of the first that anybody would try"),
        ("aaaaaaaaaaaaaaaa", "it is one of the first that anybody would try"),
        ("abababababab", "it is one of the first that anybody would try"),
    ],
)
async def test_a_weak_password_is_refused(acme: Company, admin: httpx.AsyncClient, password: str, why: str) -> None:
    body = {"email": "li.lei.long@acme.test", "name": "Li", "password": password}

    answer = await admin.post("/api/v1/users", json=body)

    assert problem(answer) == (409, "weak_password")
    assert answer.json()["detail"] == f"The password is refused: {why}."
    assert await acme.sql("SELECT count(*) FROM users WHERE name = 'Li'") == [(0,)]
    assert await acme.sql("SELECT count(*) FROM outbox") == [(1,)], "only that of the administrator"


async def test_a_password_may_be_chinese_and_is_the_same_on_any_keyboard(acme: Company) -> None:
    await acme.person("li@acme.test", password="天地玄黄宇宙洪荒日月盈昃" + full_width("A1"))

    assert (await acme.try_sign_in("li@acme.test", "天地玄黄宇宙洪荒日月盈昃A1")).status_code == 200


async def test_an_email_address_belongs_to_one_user_of_a_tenant(
    gateway: RunningGateway, acme: Company, admin: httpx.AsyncClient
) -> None:
    other = await gateway.company()
    await acme.person("li@acme.test")
    han = await acme.person("han@acme.test")

    twice = await admin.post("/api/v1/users", json={"email": "LI@acme.test", "name": "Other Li"})
    moved = await admin.patch(han.path, json={"email": "Li@Acme.Test"}, headers=at(1))

    assert [problem(twice), problem(moved)] == [(409, "email_taken")] * 2
    assert await acme.sql("SELECT count(*) FROM users") == [(3,)]
    await other.person("li@acme.test")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", None),
        ("name", " "),
        ("name", None),
        ("language", "fr"),
        ("roles", ["No Role"]),
        ("team_id", "x"),
        ("active", False),
        ("password_changed_at", "2026-01-01T00:00:00Z"),
        ("second_factor", True),
    ],
)
async def test_what_does_not_fit_is_refused(acme: Company, admin: httpx.AsyncClient, field: str, value: Any) -> None:
    person = await acme.person("li@acme.test")

    created = await admin.post("/api/v1/users", json={"email": "x@acme.test", "name": "X", field: value})
    updated = await admin.patch(person.path, json={field: value}, headers=at(1))

    for answer in (created, updated):
        assert problem(answer) == (422, "invalid_payload")
        assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")


async def test_team_and_roles_must_exist(acme: Company, admin: httpx.AsyncClient) -> None:
    person = await acme.person("li@acme.test")
    body = {"email": "x@acme.test", "name": "X"}

    team, role = {"team_id": str(new_id())}, {"roles": ["agent", "dreamer"]}
    answers = [
        await admin.post("/api/v1/users", json=body | team),
        await admin.post("/api/v1/users", json=body | role),
        await admin.patch(person.path, json=team, headers=at(1)),
        await admin.patch(person.path, json=role, headers=at(1)),
    ]

    assert [problem(answer) for answer in answers] == [(409, "unknown_team"), (409, "unknown_role")] * 2
    assert answers[1].json()["detail"] == "There is no role dreamer."


async def test_a_change_needs_the_version_it_is_based_on(acme: Company, admin: httpx.AsyncClient) -> None:
    person = await acme.person("li@acme.test")

    without = await admin.patch(person.path, json={"name": "李雷"})
    right = await admin.patch(person.path, json={"name": "李雷"}, headers=at(1))
    stale = await admin.patch(person.path, json={"name": "Other"}, headers=at(1))
    same = await admin.patch(person.path, json={"name": "李雷"}, headers=at(2))

    assert problem(without) == (428, "precondition_required")
    assert (right.status_code, right.json()["name"], right.headers["etag"]) == (200, "李雷", '"2"')
    assert problem(stale) == (412, "version_mismatch")
    assert (same.status_code, same.headers["etag"]) == (200, '"2"')
    events = await acme.sql(
        "SELECT type, version FROM outbox WHERE aggregate_id = $1::text::uuid ORDER BY id", person.id
    )
    assert events == [("user.created", 1), ("user.updated", 2)]


async def test_activating_and_deactivating_are_actions_that_change_something(
    acme: Company, admin: httpx.AsyncClient
) -> None:
    person = await acme.person("li@acme.test")

    active = await admin.post(f"{person.path}/activate", headers=at(1))
    first = await admin.post(f"{person.path}/deactivate", headers=at(1))
    second = await admin.post(f"{person.path}/deactivate", headers=at(2))
    back = await admin.post(f"{person.path}/activate", headers=at(2))

    assert [problem(active), problem(second)] == [(409, "already_in_state")] * 2
    assert [(answer.status_code, answer.json()["active"]) for answer in (first, back)] == [(200, False), (200, True)]


async def test_a_new_password_unlocks_and_ends_sessions(acme: Company, admin: httpx.AsyncClient) -> None:
    person = await acme.person("li@acme.test")
    tokens = await acme.sign_in("li@acme.test")
    for _ in range(6):
        await acme.try_sign_in("li@acme.test", "wrong")

    new = "vollkommen neue Wendung"
    answer = await admin.post(f"{person.path}/password", json={"password": new}, headers=at(1))

    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert (await acme.try_sign_in("li@acme.test", new)).status_code == 200
    assert problem(await acme.refresh(tokens["refresh_token"])) == (401, "refresh_refused")


async def test_a_batch_creates_and_brings_up_to_date_by_email(acme: Company, admin: httpx.AsyncClient) -> None:
    team = await acme.team("上海")
    people = [{"email": f"p{i}@acme.test", "name": f"P {i}", "roles": ["agent"]} for i in range(3)]
    created = (await admin.post(BATCH, json={"items": people})).json()

    moved, new = {"email": "P1@ACME.test", "name": "P 1", "team_id": team}, {"email": "new@acme.test", "name": "New"}
    again = [people[0], moved, new]
    upserted = (await admin.post(BATCH, json={"items": again, "mode": "upsert"})).json()

    assert [created[name] for name in ("created", "updated", "unchanged", "failed")] == [3, 0, 0, 0]
    assert [result["status"] for result in upserted["results"]] == ["unchanged", "updated", "created"]
    ids = [result["id"] for result in created["results"]]
    assert [result["id"] for result in upserted["results"]][:2] == ids[:2]
    p1 = (await admin.get(f"/api/v1/users/{ids[1]}")).json()
    assert (p1["team_id"], p1["roles"], p1["email"], p1["version"]) == (team, ["agent"], "P1@ACME.test", 2)
    assert await acme.sql("SELECT count(*) FROM users") == [(5,)]


async def test_one_bad_item_of_a_batch_does_not_spoil_the_others(acme: Company, admin: httpx.AsyncClient) -> None:
    await acme.person("li@acme.test")
    items = [
        {"email": "a@acme.test", "name": "A"},
        {"email": "li@acme.test", "name": "Li again"},
        {"email": "no address", "name": "B"},
        {"email": "c@acme.test", "name": "C", "roles": ["dreamer"]},
        {"email": "d@acme.test", "name": "D", "team_id": str(new_id())},
        {"email": "e@acme.test", "name": "E", "password": PASSWORD},
        {"email": "a@ACME.test", "name": "A twice"},
    ]

    answer = (await admin.post(BATCH, json={"items": items})).json()

    codes = [result.get("problem", {}).get("code") for result in answer["results"]]
    assert codes == [
        None,
        "email_taken",
        "invalid_payload",
        "unknown_role",
        "unknown_team",
        "invalid_payload",
        "email_taken",
    ]
    assert await acme.sql("SELECT name FROM users WHERE name IN ('A', 'Li again', 'C', 'D', 'E')") == [("A",)]


async def test_lists_are_sorted_by_name_and_filtered(admin: httpx.AsyncClient) -> None:
    items = [{"email": f"u{i}@acme.test", "name": name} for i, name in enumerate(["王芳", "Bo", "anna", "李雷"])]
    await admin.post(BATCH, json={"items": items})

    first = (await admin.get("/api/v1/users", params={"limit": 3})).json()
    second = (await admin.get("/api/v1/users", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    found = (await admin.get("/api/v1/users", params={"filter": "email == 'u3@acme.test' || name == 'Bo'"})).json()
    wrong = await admin.get("/api/v1/users", params={"filter": "password == 'x'"})

    names = [user["name"] for user in first["items"] + second["items"]]
    assert names == ["admin", "anna", "Bo", "李雷", "王芳"]
    assert [user["name"] for user in found["items"]] == ["Bo", "李雷"]
    assert problem(wrong) == (400, "invalid_parameter")


async def helper_with(company: Company, *scopes: str, visibility: str = "all") -> httpx.AsyncClient:
    """Somebody who manages people but is no administrator."""
    async with await company.as_() as admin:
        role = {"name": "helper", "title": "Helper", "scopes": list(scopes), "visibility": visibility}
        assert (await admin.post("/api/v1/roles", json=role)).status_code == 201
    await company.person("helper@acme.test", roles=["helper"])
    return await company.as_("helper@acme.test")


async def test_nobody_hands_out_roles_that_allow_more_than_he_may(acme: Company) -> None:
    person = await acme.person("li@acme.test")
    async with await helper_with(acme, "users:read", "users:write", "customers:read") as helper:
        body = {"email": "x@acme.test", "name": "X"}
        create = await helper.post("/api/v1/users", json=body | {"roles": ["admin"]})
        agent = await helper.post("/api/v1/users", json=body | {"roles": ["agent"]})
        batch = await helper.post(BATCH, json={"items": [body | {"roles": ["admin"]}]})
        promote = await helper.patch(person.path, json={"roles": ["admin"]}, headers=at(1))
        own = await helper.post("/api/v1/users", json=body | {"roles": ["helper"]})

    assert [problem(answer) for answer in (create, agent, promote)] == [(403, "beyond_own_rights")] * 3
    assert "customers:write" in agent.json()["detail"]
    assert batch.json()["results"][0]["problem"]["code"] == "beyond_own_rights"
    assert own.status_code == 201
    assert await acme.sql("SELECT count(*) FROM users WHERE 'admin' = ANY (roles)") == [(1,)]


async def test_nobody_takes_over_an_account_that_may_do_more(acme: Company) -> None:
    [(version,)] = await acme.sql("SELECT version FROM users WHERE 'admin' = ANY (roles)")
    path = f"/api/v1/users/{acme.admin_id}"
    async with await helper_with(acme, "users:read", "users:write") as helper:
        answers = [
            await helper.post(f"{path}/password", json={"password": "taken over, ha ha"}, headers=at(version)),
            await helper.patch(path, json={"email": "mine@acme.test"}, headers=at(version)),
            await helper.post(f"{path}/deactivate", headers=at(version)),
            await helper.post(f"{path}/activate", headers=at(version)),
            await helper.post(f"{path}/reset-second-factor", headers=at(version)),
            await helper.post(f"{path}/sign-out"),
        ]
        entry = {"email": "admin@acme.test", "name": "Mine", "roles": []}
        batch = (await helper.post(BATCH, json={"items": [entry], "mode": "upsert"})).json()

    assert [problem(answer) for answer in answers] == [(403, "beyond_own_rights")] * 6
    assert batch["results"][0]["problem"]["code"] == "beyond_own_rights"
    assert (await acme.try_sign_in()).status_code == 200


async def test_a_wider_view_is_a_right_too(acme: Company) -> None:
    scopes = [f"{name}:read" for name in ("customers", "products", "users", "teams", "roles", "users")]
    async with await acme.as_() as admin:
        role = {"name": "onlooker", "title": "Onlooker", "scopes": scopes, "visibility": "all"}
        assert (await admin.post("/api/v1/roles", json=role)).status_code == 201
    async with await helper_with(acme, *scopes, "users:write", visibility="team") as helper:
        answer = await helper.post("/api/v1/users", json={"email": "x@a.test", "name": "X", "roles": ["onlooker"]})

    assert problem(answer) == (403, "beyond_own_rights")
    assert answer.json()["detail"] == "This needs rights that you do not have yourself: visibility all."


async def test_the_last_administrator_stays(acme: Company, admin: httpx.AsyncClient) -> None:
    me = f"/api/v1/users/{acme.admin_id}"
    deactivate = await admin.post(f"{me}/deactivate", headers=at(1))
    demote = await admin.patch(me, json={"roles": ["agent"]}, headers=at(1))
    entry = {"email": "admin@acme.test", "name": "admin", "roles": ["agent"]}
    batch = (await admin.post(BATCH, json={"items": [entry], "mode": "upsert"})).json()

    assert [problem(deactivate), problem(demote)] == [(409, "last_administrator")] * 2
    assert batch["results"][0]["problem"]["code"] == "last_administrator"
    await acme.person("second@acme.test", roles=["admin"])
    assert (await admin.post(f"{me}/deactivate", headers=at(1))).status_code == 200


async def test_an_administrator_who_cannot_sign_in_does_not_count(acme: Company, admin: httpx.AsyncClient) -> None:
    entry = {"email": "second@acme.test", "name": "Second", "roles": ["admin"]}
    assert (await admin.post("/api/v1/users", json=entry)).status_code == 201

    answer = await admin.post(f"/api/v1/users/{acme.admin_id}/deactivate", headers=at(1))

    assert problem(answer) == (409, "last_administrator")


async def test_two_administrators_cannot_remove_each_other(acme: Company) -> None:
    second = await acme.person("second@acme.test", roles=["admin"])
    first_path = f"/api/v1/users/{acme.admin_id}"
    async with await acme.as_() as one, await acme.as_("second@acme.test") as other:
        answers = await asyncio.gather(
            one.post(f"{second.path}/deactivate", headers=at(1)),
            other.post(f"{first_path}/deactivate", headers=at(1)),
        )

    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 1
    # It may come to the row of the other before or after its own account is inactive.
    assert problem(refused[0]) in {(409, "last_administrator"), (401, "unauthenticated")}
    assert await acme.sql("SELECT count(*) FROM users WHERE active") == [(1,)]
