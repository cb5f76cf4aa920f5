import asyncio
from datetime import timedelta

import httpx
import pytest
from dirty_equals import IsStr, IsUUID
from time_machine import Traveller

from gateway_tests.identity.running import ADMIN_EMAIL, PASSWORD, RunningGateway, Tenant, problem


async def test_signing_in_gives_tokens_that_open_the_api(
    gateway: RunningGateway, acme: Tenant, anybody: httpx.AsyncClient
) -> None:
    answer = await gateway.try_sign_in()

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert tokens == {
        "access_token": IsStr(),
        "token_type": "Bearer",
        "expires_in": 600,
        "refresh_token": IsStr(regex="crr_[A-Za-z0-9_-]{86}"),
        "session_id": IsUUID(),
    }
    anybody.headers["authorization"] = f"Bearer {tokens['access_token']}"
    me = (await anybody.get("/api/v1/auth/me")).json()
    assert me == {
        "id": str(acme.admin_id),
        "kind": "user",
        "tenant_id": str(acme.id),
        "name": "admin",
        "email": ADMIN_EMAIL,
        "language": "en",
        "roles": ["admin"],
        "scopes": ["*"],
        "visibility": "all",
        "team_ids": [],
        "system": "crm",
        "second_factor": False,
        "recovery_codes_left": 0,
    }


async def test_the_tenant_may_be_named_by_id_and_the_address_in_any_case(gateway: RunningGateway, acme: Tenant) -> None:
    answer = await gateway.try_sign_in(" ADMIN@Acme.test ", tenant=str(acme.id))

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"tenant": "nobody"},
        {"tenant": "00000000-0000-7000-8000-000000000000"},
        {"tenant": "Not A Slug!"},
        {"email": "nobody@acme.test"},
        {"email": ""},
        {"password": PASSWORD + "x"},
        {"password": ""},
    ],
    ids=lambda wrong: ",".join(f"{name}={value}" for name, value in wrong.items()),
)
async def test_whatever_is_wrong_the_answer_is_the_same(
    gateway: RunningGateway, acme: Tenant, wrong: dict[str, str]
) -> None:
    answer = await gateway.try_sign_in(**({"email": ADMIN_EMAIL, "password": PASSWORD} | wrong))

    assert problem(answer) == (401, "sign_in_failed")
    assert answer.json()["detail"] == "Organisation, e-mail address or password is wrong."
    assert answer.headers["www-authenticate"] == 'Bearer realm="crm"'
    assert await gateway.sql("SELECT count(*) FROM sessions") == [(0,)]


async def test_a_refusal_speaks_chinese(gateway: RunningGateway, acme: Tenant) -> None:
    async with gateway.client(accept_language="zh-CN") as client:
        answer = await client.post("/api/v1/auth/sign-in", json={"tenant": "acme", "email": "x", "password": "y"})

    assert answer.json()["detail"] == "组织、邮箱或密码错误。"


async def test_a_password_is_checked_as_often_for_accounts_that_do_not_exist(
    gateway: RunningGateway, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.person("left@acme.test")
    person = await gateway.person("inactive@acme.test")
    async with await gateway.as_() as admin:
        path = f"/api/v1/users/{person.id}/deactivate"
        assert (await admin.post(path, headers={"if-match": '"1"'})).status_code == 200
        entry = {"items": [{"email": "imported@acme.test", "name": "Imported"}]}
        assert (await admin.post("/api/v1/users/batch", json=entry)).json()["created"] == 1
    checked: list[str] = []
    matches = gateway.runtime.hasher._matches  # noqa: SLF001

    def counting(known: str, text: str) -> bool:
        checked.append(known.rpartition("$")[0])
        return matches(known, text)

    monkeypatch.setattr(gateway.runtime.hasher, "_matches", counting)
    for email in ("left@acme.test", "inactive@acme.test", "imported@acme.test", "nobody@acme.test"):
        assert problem(await gateway.try_sign_in(email, "some other password")) == (401, "sign_in_failed")
    assert problem(await gateway.try_sign_in(tenant="nobody")) == (401, "sign_in_failed")

    assert len(checked) == 5
    assert len({known.rpartition("$")[0] for known in checked}) == 1, "all with the same parameters"


async def test_an_account_locks_after_five_failures_for_fifteen_minutes(
    gateway: RunningGateway, acme: Tenant, clock: Traveller
) -> None:
    for _ in range(5):
        assert problem(await gateway.try_sign_in(password="wrong")) == (401, "sign_in_failed")

    locked = await gateway.try_sign_in()
    assert problem(locked) == (429, "account_locked")
    assert locked.headers["retry-after"] == "900"
    clock.shift(timedelta(minutes=14, seconds=59))
    still = await gateway.try_sign_in()
    assert (problem(still), still.headers["retry-after"]) == ((429, "account_locked"), "1")
    clock.shift(timedelta(seconds=1))
    assert (await gateway.try_sign_in()).status_code == 200


async def test_a_lock_holds_for_one_account_of_one_tenant(gateway: RunningGateway, acme: Tenant) -> None:
    await gateway.person("other@acme.test")
    await gateway.tenant("beta")
    for _ in range(6):
        await gateway.try_sign_in(password="wrong")

    assert problem(await gateway.try_sign_in()) == (429, "account_locked")
    assert (await gateway.try_sign_in("other@acme.test")).status_code == 200
    assert (await gateway.try_sign_in(tenant="beta")).status_code == 200


async def test_accounts_that_do_not_exist_lock_too(gateway: RunningGateway, acme: Tenant) -> None:
    for _ in range(5):
        assert problem(await gateway.try_sign_in("ghost@acme.test")) == (401, "sign_in_failed")

    assert problem(await gateway.try_sign_in("ghost@acme.test")) == (429, "account_locked")


async def test_a_success_forgets_earlier_failures(gateway: RunningGateway, acme: Tenant) -> None:
    for _ in range(3):
        for _ in range(4):
            assert problem(await gateway.try_sign_in(password="wrong")) == (401, "sign_in_failed")
        assert (await gateway.try_sign_in()).status_code == 200

    assert await gateway.sql("SELECT count(*) FROM sign_in_tries") == [(0,)]


async def test_parallel_guesses_have_no_more_chances(gateway: RunningGateway, acme: Tenant) -> None:
    answers = await asyncio.gather(*(gateway.try_sign_in(password=f"guess number {i}") for i in range(20)))

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_parallel_programs_of_one_person_all_come_in(gateway: RunningGateway, acme: Tenant) -> None:
    answers = await asyncio.gather(*(gateway.try_sign_in() for _ in range(12)))

    assert {answer.status_code for answer in answers} == {200}


async def test_more_checks_than_the_queue_holds_are_refused_at_once(gateway: RunningGateway, acme: Tenant) -> None:
    emails = [f"user{i}@acme.test" for i in range(90)]
    answers = await asyncio.gather(*(gateway.runtime.hasher.verify(None, email) for email in emails), return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 90 - 2 - 64
    assert {type(error).__name__ for error in refused} == {"TooManySignIns"}


async def test_a_password_is_hashed_anew_when_the_parameters_have_grown(
    start_gateway: "StartGateway",  # noqa: F821
) -> None:
    weak = await start_gateway()
    await weak.tenant()
    [(before,)] = await weak.sql("SELECT hash FROM passwords")
    strong = await start_gateway(argon2_memory_kib=16)

    await strong.sign_in()

    [(after,)] = await strong.sql("SELECT hash FROM passwords")
    assert ("m=8," in before, "m=16," in after) == (True, True)
    assert (await strong.try_sign_in()).status_code == 200


async def test_nobody_signs_in_with_fields_that_do_not_exist(gateway: RunningGateway, acme: Tenant) -> None:
    answer = await gateway.try_sign_in(admin="true")

    assert problem(answer) == (422, "invalid_payload")
    assert answer.json()["errors"][0]["pointer"] == "/admin"
    assert PASSWORD not in answer.text
