import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest
from dirty_equals import IsStr, IsUUID
from time_machine import Traveller

from gateway.passwords.service import PasswordHasher, Passwords
from gateway.settings import IdentitySettings
from gateway_tests.identity.running import (
    ADMIN_EMAIL,
    PASSWORD,
    Company,
    RunningGateway,
    StartGateway,
    at,
    problem,
    until,
)


async def test_signing_in_gives_tokens_that_open_the_api(acme: Company, anybody: httpx.AsyncClient) -> None:
    answer = await acme.try_sign_in()

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


async def test_the_tenant_may_be_named_by_id_and_the_address_in_any_case(acme: Company) -> None:
    answer = await acme.try_sign_in(" ADMIN@Acme.test ", tenant=str(acme.id))

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
    ids=",".join,
)
async def test_whatever_is_wrong_the_answer_is_the_same(acme: Company, wrong: dict[str, str]) -> None:
    answer = await acme.try_sign_in(**wrong)

    assert problem(answer) == (401, "sign_in_failed")
    assert answer.json()["detail"] == "Organisation, e-mail address or password is wrong."
    assert answer.headers["www-authenticate"] == 'Bearer realm="crm"'
    assert await acme.sql("SELECT count(*) FROM sessions") == [(0,)]


async def test_a_refusal_speaks_chinese(gateway: RunningGateway, acme: Company) -> None:
    async with gateway.client(accept_language="zh-CN") as client:
        answer = await client.post("/api/v1/auth/sign-in", json={"tenant": acme.slug, "email": "x", "password": "y"})

    assert answer.json()["detail"] == "组织、邮箱或密码错误。"


class CountingHasher(PasswordHasher):
    """Remembers with which parameters passwords were checked."""

    def __init__(self, settings: IdentitySettings) -> None:
        super().__init__(settings)
        self.checked: list[str] = []

    def _matches(self, known: str, text: str) -> bool:
        self.checked.append(known.rpartition("$")[0].rpartition("$")[0])
        return super()._matches(known, text)


async def test_a_password_is_checked_as_often_for_accounts_that_cannot_come_in(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    acme = await gateway.company()
    await acme.person("active@acme.test")
    left = await acme.person("left@acme.test")
    async with await acme.as_() as admin:
        assert (await admin.post(f"{left.path}/deactivate", headers=at(1))).status_code == 200
        entry = {"items": [{"email": "imported@acme.test", "name": "Imported"}]}
        assert (await admin.post("/api/v1/users/batch", json=entry)).json()["created"] == 1
    hasher = CountingHasher(gateway.settings.identity)
    gateway.runtime.passwords = Passwords(gateway.settings.identity, hasher)

    for name in ("active", "left", "imported", "nobody"):
        answer = await acme.try_sign_in(f"{name}@acme.test", "some other password")
        assert problem(answer) == (401, "sign_in_failed")
    assert problem(await acme.try_sign_in(tenant="nobody")) == (401, "sign_in_failed")

    hasher.close()
    assert hasher.checked == ["$argon2id$v=19$m=8,t=1,p=1"] * 5


async def test_an_account_locks_after_five_failures_for_fifteen_minutes(acme: Company, clock: Traveller) -> None:
    for _ in range(5):
        assert problem(await acme.try_sign_in(password="wrong")) == (401, "sign_in_failed")

    locked = await acme.try_sign_in()
    assert problem(locked) == (429, "account_locked")
    assert locked.headers["retry-after"] == "900"
    clock.shift(timedelta(minutes=14, seconds=59))
    still = await acme.try_sign_in()
    assert (problem(still), still.headers["retry-after"]) == ((429, "account_locked"), "1")
    clock.shift(timedelta(seconds=1))
    assert (await acme.try_sign_in()).status_code == 200


async def test_a_lock_holds_for_one_account_of_one_tenant(gateway: RunningGateway, acme: Company) -> None:
    await acme.person("other@acme.test")
    other_company = await gateway.company()
    for _ in range(6):
        await acme.try_sign_in(password="wrong")

    assert problem(await acme.try_sign_in()) == (429, "account_locked")
    assert (await acme.try_sign_in("other@acme.test")).status_code == 200
    assert (await other_company.try_sign_in()).status_code == 200


async def test_accounts_that_do_not_exist_lock_too(acme: Company) -> None:
    for _ in range(5):
        assert problem(await acme.try_sign_in("ghost@acme.test")) == (401, "sign_in_failed")

    assert problem(await acme.try_sign_in("ghost@acme.test")) == (429, "account_locked")


async def test_a_success_forgets_earlier_failures(acme: Company) -> None:
    for _ in range(3):
        for _ in range(4):
            assert problem(await acme.try_sign_in(password="wrong")) == (401, "sign_in_failed")
        assert (await acme.try_sign_in()).status_code == 200

    assert await acme.sql("SELECT count(*) FROM sign_in_tries") == [(0,)]


async def test_parallel_guesses_have_no_more_chances(acme: Company) -> None:
    answers = await asyncio.gather(*(acme.try_sign_in(password=f"guess number {i}") for i in range(20)))

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_parallel_programs_of_one_person_all_come_in(acme: Company) -> None:
    answers = await asyncio.gather(*(acme.try_sign_in() for _ in range(12)))

    assert {answer.status_code for answer in answers} == {200}


async def test_more_checks_than_may_wait_are_refused_at_once(gateway: RunningGateway) -> None:
    checks = [gateway.runtime.hasher.verify(None, f"password {i}") for i in range(90)]

    answers = await asyncio.gather(*checks, return_exceptions=True)

    refused = [type(answer).__name__ for answer in answers if answer is not False]
    assert refused == ["TooManySignIns"] * (90 - 2 - 64)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET active = false WHERE tenant_id = $1",
        "UPDATE passwords SET hash = 'another' WHERE tenant_id = $1",
    ],
    ids=["deactivated", "password changed"],
)
async def test_an_account_that_changes_while_its_password_is_checked_stays_closed(
    gateway: RunningGateway, acme: Company, change: str
) -> None:
    connection = await asyncpg.connect(gateway.admin_url)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL search_path TO gateway")
            await connection.execute("SELECT 1 FROM users WHERE tenant_id = $1 FOR UPDATE", acme.id)
            await connection.execute(change, acme.id)
            signing_in = asyncio.create_task(acme.try_sign_in())
            await until(connection, "locktype = 'transactionid'", waiting=1)
    finally:
        await connection.close()

    assert problem(await signing_in) == (401, "sign_in_failed")
    assert await acme.sql("SELECT count(*) FROM sessions") == [(0,)]


async def test_a_password_is_hashed_anew_when_the_parameters_have_grown(start_gateway: StartGateway) -> None:
    company = await (await start_gateway()).company()
    [(before,)] = await company.sql("SELECT hash FROM passwords")
    company.gateway = await start_gateway(argon2_memory_kib=16)

    await company.sign_in()

    [(after,)] = await company.sql("SELECT hash FROM passwords")
    assert ("m=8," in before, "m=16," in after) == (True, True)
    assert (await company.try_sign_in()).status_code == 200


async def test_fields_that_do_not_exist_are_refused_and_nothing_is_repeated(acme: Company) -> None:
    answer = await acme.try_sign_in(admin="true")

    assert problem(answer) == (422, "invalid_payload")
    assert [field["pointer"] for field in answer.json()["errors"]] == ["/admin"]
    assert PASSWORD not in answer.text
