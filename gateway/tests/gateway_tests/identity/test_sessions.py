import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import httpx
import pytest
from dirty_equals import IsDatetime
from time_machine import Traveller

from gateway_tests.identity.running import PASSWORD, Company, RunningGateway, at, problem


async def test_a_refresh_token_becomes_the_next_one(gateway: RunningGateway, acme: Company) -> None:
    first = await acme.sign_in()

    answer = await acme.refresh(first["refresh_token"])

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    second = answer.json()
    assert second["session_id"] == first["session_id"]
    assert second["refresh_token"] != first["refresh_token"]
    async with gateway.client(second["access_token"]) as client:
        assert (await client.get("/api/v1/auth/me")).status_code == 200
    assert (await acme.refresh(second["refresh_token"])).status_code == 200


async def test_using_a_refresh_token_twice_ends_the_session_of_both_holders(acme: Company) -> None:
    stolen = (await acme.sign_in())["refresh_token"]
    other = (await acme.sign_in())["refresh_token"]
    thief = (await acme.refresh(stolen)).json()["refresh_token"]

    reused = await acme.refresh(stolen)

    assert problem(reused) == (401, "refresh_refused")
    assert problem(await acme.refresh(thief)) == (401, "refresh_refused")
    assert (await acme.refresh(other)).status_code == 200, "another session goes on"
    assert await acme.sql("SELECT revoked_for FROM sessions WHERE revoked_at IS NOT NULL") == [
        ("a refresh token was used twice",)
    ]


async def test_of_two_exchanges_at_the_same_moment_one_is_a_reuse(acme: Company) -> None:
    token = (await acme.sign_in())["refresh_token"]

    answers = await asyncio.gather(acme.refresh(token), acme.refresh(token))

    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert await acme.sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == [(0,)]


def changed(token: str, position: int) -> str:
    content = bytearray(urlsafe_b64decode(token.removeprefix("crr_") + "=="))
    content[position] ^= 1
    return "crr_" + urlsafe_b64encode(bytes(content)).rstrip(b"=").decode()


@pytest.mark.parametrize("position", [0, 15, 16, 31, 32, 63], ids=lambda position: f"byte {position}")
async def test_a_changed_refresh_token_is_refused_and_harms_nobody(acme: Company, position: int) -> None:
    token = (await acme.sign_in())["refresh_token"]

    assert problem(await acme.refresh(changed(token, position))) == (401, "refresh_refused")
    assert (await acme.refresh(token)).status_code == 200


@pytest.mark.parametrize("text", ["", "crr_", "crr_!", "nonsense", "crr_" + "A" * 85, "crr_" + "A" * 90, "crr_电池"])
async def test_what_is_no_refresh_token_is_refused(acme: Company, text: str) -> None:
    answer = await acme.refresh(text)

    assert problem(answer) == (401, "refresh_refused")
    assert answer.headers["www-authenticate"] == 'Bearer realm="crm"'


async def test_an_unused_session_ends_after_fourteen_days(acme: Company, clock: Traveller) -> None:
    token = (await acme.sign_in())["refresh_token"]

    clock.shift(timedelta(days=14) - timedelta(seconds=1))
    token = (await acme.refresh(token)).json()["refresh_token"]
    clock.shift(timedelta(days=14))

    assert problem(await acme.refresh(token)) == (401, "refresh_refused")


async def test_any_session_ends_after_ninety_days(acme: Company, clock: Traveller) -> None:
    token = (await acme.sign_in())["refresh_token"]
    for _ in range(8):
        clock.shift(timedelta(days=11))
        token = (await acme.refresh(token)).json()["refresh_token"]

    clock.shift(timedelta(days=2))

    assert problem(await acme.refresh(token)) == (401, "refresh_refused")


async def test_signing_out_ends_the_session_also_with_an_older_token(acme: Company, anybody: httpx.AsyncClient) -> None:
    first = (await acme.sign_in())["refresh_token"]
    second = (await acme.refresh(first)).json()["refresh_token"]

    answer = await anybody.post("/api/v1/auth/sign-out", json={"refresh_token": first})

    assert (answer.status_code, answer.content) == (204, b"")
    assert problem(await acme.refresh(second)) == (401, "refresh_refused")
    assert await acme.sql("SELECT revoked_for FROM sessions") == [("signed out",)]


async def test_signing_out_of_nothing_is_no_error(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/api/v1/auth/sign-out", json={"refresh_token": "crr_unknown"})

    assert answer.status_code == 204


async def test_people_see_and_end_their_own_open_sessions(gateway: RunningGateway, acme: Company) -> None:
    await acme.person("li@acme.test")
    async with gateway.client(user_agent="Phone of Li") as phone:
        body = {"tenant": acme.slug, "email": "li@acme.test", "password": PASSWORD}
        lost = (await phone.post("/api/v1/auth/sign-in", json=body)).json()

    async with await acme.as_("li@acme.test") as li:
        before = (await li.get("/api/v1/auth/sessions")).json()
        ended = await li.post(f"/api/v1/auth/sessions/{lost['session_id']}/revoke")
        again = await li.post(f"/api/v1/auth/sessions/{lost['session_id']}/revoke")
        after = (await li.get("/api/v1/auth/sessions", params={"sort": "created_at", "limit": 10})).json()

    assert before["items"][1] == {
        "id": lost["session_id"],
        "created_at": IsDatetime(iso_string=True),
        "used_at": before["items"][1]["created_at"],
        "expires_at": IsDatetime(iso_string=True),
        "client": "Phone of Li",
    }
    assert len(before["items"]) == 2
    assert (ended.status_code, problem(again)) == (204, (404, "not_found"))
    assert [session["id"] for session in after["items"]] == [before["items"][0]["id"]]
    assert problem(await acme.refresh(lost["refresh_token"])) == (401, "refresh_refused")


async def test_nobody_sees_or_ends_the_sessions_of_others(
    gateway: RunningGateway, acme: Company, admin: httpx.AsyncClient
) -> None:
    await acme.person("li@acme.test")
    other = await gateway.company()
    [li, stranger] = [await acme.sign_in("li@acme.test"), await other.sign_in()]

    seen = (await admin.get("/api/v1/auth/sessions")).json()["items"]
    answers = [await admin.post(f"/api/v1/auth/sessions/{tokens['session_id']}/revoke") for tokens in (li, stranger)]

    assert {li["session_id"], stranger["session_id"]}.isdisjoint(session["id"] for session in seen)
    assert [problem(answer) for answer in answers] == [(404, "not_found")] * 2
    assert (await acme.refresh(li["refresh_token"])).status_code == 200
    assert (await other.refresh(stranger["refresh_token"])).status_code == 200


async def test_a_deactivated_user_stays_no_longer_than_an_access_token_lives(
    gateway: RunningGateway, acme: Company, clock: Traveller
) -> None:
    person = await acme.person("li@acme.test", roles=["agent"])
    tokens = await acme.sign_in("li@acme.test")

    async with await acme.as_() as admin:
        assert (await admin.post(f"{person.path}/deactivate", headers=at(1))).status_code == 200

    assert problem(await acme.refresh(tokens["refresh_token"])) == (401, "refresh_refused")
    assert problem(await acme.try_sign_in("li@acme.test")) == (401, "sign_in_failed")
    async with gateway.client(tokens["access_token"]) as li:
        clock.shift(timedelta(seconds=599))
        assert (await li.get("/api/v1/users")).status_code == 200
        clock.shift(timedelta(seconds=2))
        assert problem(await li.get("/api/v1/users")) == (401, "unauthenticated")


async def test_sessions_from_before_do_not_come_back_with_the_user(acme: Company, admin: httpx.AsyncClient) -> None:
    person = await acme.person("li@acme.test")
    tokens = await acme.sign_in("li@acme.test")

    await admin.post(f"{person.path}/deactivate", headers=at(1))
    await admin.post(f"{person.path}/activate", headers=at(2))

    assert problem(await acme.refresh(tokens["refresh_token"])) == (401, "refresh_refused")
    assert (await acme.try_sign_in("li@acme.test")).status_code == 200


async def test_a_refreshed_token_carries_the_rights_of_the_day(
    gateway: RunningGateway, acme: Company, admin: httpx.AsyncClient
) -> None:
    person = await acme.person("li@acme.test", roles=["viewer"])
    tokens = await acme.sign_in("li@acme.test")
    await admin.patch(person.path, json={"roles": ["agent"], "language": "zh", "name": "李雷"}, headers=at(1))

    renewed = (await acme.refresh(tokens["refresh_token"])).json()

    async with gateway.client(tokens["access_token"]) as old, gateway.client(renewed["access_token"]) as new:
        before, after = (await old.get("/api/v1/auth/me")).json(), (await new.get("/api/v1/auth/me")).json()
    assert (before["visibility"], "customers:write" in before["scopes"]) == ("all", False)
    assert (after["visibility"], "customers:write" in after["scopes"]) == ("own", True)
    assert (after["name"], after["language"]) == ("李雷", "zh")


async def test_an_administrator_ends_all_sessions_of_somebody(acme: Company, admin: httpx.AsyncClient) -> None:
    person = await acme.person("li@acme.test")
    sessions = [await acme.sign_in("li@acme.test") for _ in range(2)]
    mine = (await acme.sign_in())["refresh_token"]

    answer = await admin.post(f"{person.path}/sign-out")

    assert answer.status_code == 204
    for tokens in sessions:
        assert problem(await acme.refresh(tokens["refresh_token"])) == (401, "refresh_refused")
    assert (await acme.refresh(mine)).status_code == 200


async def test_changing_the_own_password_needs_the_present_one_and_ends_all_sessions(acme: Company) -> None:
    await acme.person("li@acme.test")
    tokens = await acme.sign_in("li@acme.test")
    new = "eine ganz andere Wendung"
    async with await acme.as_("li@acme.test") as li:
        wrong = await li.post("/api/v1/auth/password", json={"current_password": "wrong", "new_password": new})
        weak = await li.post("/api/v1/auth/password", json={"current_password": PASSWORD, "new_password": "short"})
        right = await li.post("/api/v1/auth/password", json={"current_password": PASSWORD, "new_password": new})

    assert [problem(wrong), problem(weak), right.status_code] == [
        (409, "wrong_password"),
        (409, "weak_password"),
        204,
    ]
    assert problem(await acme.refresh(tokens["refresh_token"])) == (401, "refresh_refused")
    assert problem(await acme.try_sign_in("li@acme.test")) == (401, "sign_in_failed")
    assert (await acme.try_sign_in("li@acme.test", new)).status_code == 200


async def test_guessing_the_present_password_locks_the_account(acme: Company) -> None:
    await acme.person("li@acme.test")
    async with await acme.as_("li@acme.test") as li:
        body = {"current_password": "wrong", "new_password": "eine ganz andere Wendung"}
        answers = [await li.post("/api/v1/auth/password", json=body) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [409] * 5 + [429]
    assert problem(await acme.try_sign_in("li@acme.test")) == (429, "account_locked")
