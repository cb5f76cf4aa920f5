import re
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from time_machine import Traveller

from gateway_tests.identity.running import PASSWORD, Company, Person, RunningGateway, StartGateway, at, problem

EMAIL = "li@acme.test"
PROOF = {"current_password": PASSWORD}


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the phone shows now, or showed or will show some steps from now."""
    return pyotp.TOTP(secret).at(int(time.time()), counter_offset=steps)


@dataclass(slots=True)
class Enrolled:
    person: Person
    secret: str
    recovery_codes: list[str]


async def enrol(company: Company) -> Enrolled:
    person = await company.person(EMAIL)
    async with await company.as_(EMAIL) as client:
        begun = (await client.post("/api/v1/auth/second-factor", json=PROOF)).json()
        # The code of the step before leaves those of this step and the next for the test.
        code = code_of(begun["secret"], steps=-1)
        answer = await client.post("/api/v1/auth/second-factor/confirm", json={"code": code})
    assert answer.status_code == 200, answer.text
    return Enrolled(person, begun["secret"], answer.json()["recovery_codes"])


@pytest.fixture
async def enrolled(acme: Company, clock: Traveller) -> Enrolled:  # noqa: ARG001  (time stands still)
    return await enrol(acme)


@pytest.mark.usefixtures("clock")
async def test_a_phone_is_told_the_secret_and_proves_that_it_knows_it(acme: Company) -> None:
    await acme.person(EMAIL)
    async with await acme.as_(EMAIL) as li:
        begun = (await li.post("/api/v1/auth/second-factor", json=PROOF)).json()
        wrong = await li.post("/api/v1/auth/second-factor/confirm", json={"code": code_of(begun["secret"], steps=5)})
        assert (await li.get("/api/v1/auth/me")).json()["second_factor"] is False
        assert (await acme.try_sign_in(EMAIL)).status_code == 200, "not yet confirmed"
        right = await li.post("/api/v1/auth/second-factor/confirm", json={"code": code_of(begun["secret"])})
        me = (await li.get("/api/v1/auth/me")).json()

    uri = urlsplit(begun["uri"])
    assert (uri.scheme, uri.netloc, parse_qs(uri.query)) == (
        "otpauth",
        "totp",
        {"secret": [begun["secret"]], "issuer": ["Guanxi"]},
    )
    assert re.fullmatch("[A-Z2-7]{32}", begun["secret"])
    assert problem(wrong) == (409, "wrong_code")
    codes = right.json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert all(re.fullmatch("([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    assert (me["second_factor"], me["recovery_codes_left"]) == (True, 10)


async def test_sign_in_then_asks_for_a_code(acme: Company, enrolled: Enrolled) -> None:
    without = await acme.try_sign_in(EMAIL)
    wrong_password = await acme.try_sign_in(EMAIL, "wrong", code=code_of(enrolled.secret))
    wrong = await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret, steps=5))
    right = await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret))

    assert problem(without) == (401, "second_factor_required")
    assert problem(wrong_password) == (401, "sign_in_failed"), "the password comes first"
    assert problem(wrong) == (401, "second_factor_failed")
    assert right.status_code == 200


@pytest.mark.parametrize(("steps", "accepted"), [(-3, False), (-2, False), (0, True), (1, True), (2, False)])
async def test_a_code_may_be_one_step_off(acme: Company, enrolled: Enrolled, steps: int, *, accepted: bool) -> None:
    answer = await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret, steps=steps))

    assert answer.status_code == (200 if accepted else 401)


async def test_the_code_of_the_step_before_is_accepted_once(
    acme: Company, enrolled: Enrolled, clock: Traveller
) -> None:
    code = code_of(enrolled.secret)
    clock.shift(timedelta(seconds=30))

    assert (await acme.try_sign_in(EMAIL, code=code)).status_code == 200
    assert problem(await acme.try_sign_in(EMAIL, code=code)) == (401, "second_factor_failed")


async def test_a_code_is_not_accepted_twice(acme: Company, enrolled: Enrolled, clock: Traveller) -> None:
    code = code_of(enrolled.secret)
    assert (await acme.try_sign_in(EMAIL, code=code)).status_code == 200

    assert problem(await acme.try_sign_in(EMAIL, code=code)) == (401, "second_factor_failed")
    clock.shift(timedelta(seconds=30))
    assert (await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret))).status_code == 200


async def test_after_a_later_code_no_earlier_one_is_accepted(acme: Company, enrolled: Enrolled) -> None:
    assert (await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret, steps=1))).status_code == 200

    assert problem(await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret))) == (401, "second_factor_failed")


async def test_the_code_of_the_enrolment_does_not_sign_in(acme: Company, enrolled: Enrolled) -> None:
    answer = await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret, steps=-1))

    assert problem(answer) == (401, "second_factor_failed")


async def test_a_recovery_code_works_once_however_it_is_typed(acme: Company, enrolled: Enrolled) -> None:
    first, second = enrolled.recovery_codes[:2]

    assert (await acme.try_sign_in(EMAIL, recovery_code=first)).status_code == 200
    assert problem(await acme.try_sign_in(EMAIL, recovery_code=first)) == (401, "second_factor_failed")
    typed = second.upper().replace("-", " ")
    assert (await acme.try_sign_in(EMAIL, recovery_code=typed)).status_code == 200
    assert await acme.sql("SELECT count(*) FROM recovery_codes WHERE used_at IS NULL") == [(8,)]


async def test_five_wrong_codes_lock_the_account(acme: Company, enrolled: Enrolled) -> None:
    for _ in range(5):
        answer = await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret, steps=9))
        assert problem(answer) == (401, "second_factor_failed")

    assert problem(await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret))) == (429, "account_locked")


async def test_asking_with_the_password_alone_does_not_reset_the_count(acme: Company, enrolled: Enrolled) -> None:
    for _ in range(5):
        assert problem(await acme.try_sign_in(EMAIL)) == (401, "second_factor_required")
        answer = await acme.try_sign_in(EMAIL, code=code_of(enrolled.secret, steps=9))
        assert problem(answer) == (401, "second_factor_failed")

    assert problem(await acme.try_sign_in(EMAIL)) == (429, "account_locked")


async def test_neither_secret_nor_recovery_codes_can_be_read_from_the_database(
    acme: Company, enrolled: Enrolled
) -> None:
    [(sealed,)] = await acme.sql("SELECT sealed_secret FROM second_factors")
    fingerprints = [row[0] for row in await acme.sql("SELECT fingerprint FROM recovery_codes")]

    assert enrolled.secret.encode() not in sealed
    assert len(sealed) == 12 + 32 + 16
    assert {len(fingerprint) for fingerprint in fingerprints} == {32}


async def test_a_sealed_secret_does_not_open_for_another_user(
    gateway: RunningGateway, acme: Company, enrolled: Enrolled
) -> None:
    await acme.person("han@acme.test")
    await gateway.sql(
        "INSERT INTO second_factors SELECT tenant_id, (SELECT id FROM users WHERE email = 'han@acme.test' AND"
        " tenant_id = $1), sealed_secret, confirmed_at, 0 FROM second_factors WHERE tenant_id = $1",
        acme.id,
    )
    await gateway.sql("UPDATE users SET second_factor = true WHERE email = 'han@acme.test' AND tenant_id = $1", acme.id)

    answer = await acme.try_sign_in("han@acme.test", code=code_of(enrolled.secret))

    assert problem(answer) == (401, "second_factor_failed")


@pytest.mark.usefixtures("clock")
async def test_another_key_encryption_key_opens_nothing(start_gateway: StartGateway) -> None:
    company = await (await start_gateway()).company()
    enrolled = await enrol(company)
    company.gateway = await start_gateway(kek="another key")

    answer = await company.try_sign_in(EMAIL, code=code_of(enrolled.secret))

    assert problem(answer) == (401, "second_factor_failed")


async def test_changes_of_the_second_factor_need_the_password(acme: Company, enrolled: Enrolled) -> None:
    tokens = await acme.sign_in(EMAIL, code=code_of(enrolled.secret))
    async with acme.gateway.client(tokens["access_token"]) as li:
        paths = [f"/api/v1/auth/{name}" for name in ("second-factor", "second-factor/remove", "recovery-codes")]
        answers = [await li.post(path, json={"current_password": "wrong"}) for path in paths]

    assert [problem(answer) for answer in answers] == [(409, "wrong_password")] * 3


async def test_new_recovery_codes_replace_the_old_ones(acme: Company, enrolled: Enrolled) -> None:
    tokens = await acme.sign_in(EMAIL, code=code_of(enrolled.secret))
    async with acme.gateway.client(tokens["access_token"]) as li:
        renewed = (await li.post("/api/v1/auth/recovery-codes", json=PROOF)).json()["recovery_codes"]

    assert problem(await acme.try_sign_in(EMAIL, recovery_code=enrolled.recovery_codes[0])) == (
        401,
        "second_factor_failed",
    )
    assert (await acme.try_sign_in(EMAIL, recovery_code=renewed[0])).status_code == 200


async def test_the_second_factor_can_be_removed_and_set_up_again(acme: Company, enrolled: Enrolled) -> None:
    tokens = await acme.sign_in(EMAIL, code=code_of(enrolled.secret))
    async with acme.gateway.client(tokens["access_token"]) as li:
        twice = await li.post("/api/v1/auth/second-factor", json=PROOF)
        removed = await li.post("/api/v1/auth/second-factor/remove", json=PROOF)
        again = await li.post("/api/v1/auth/second-factor/remove", json=PROOF)
        none = await li.post("/api/v1/auth/second-factor/confirm", json={"code": "123456"})
        begun = await li.post("/api/v1/auth/second-factor", json=PROOF)

    assert problem(twice) == (409, "second_factor_in_use")
    assert (removed.status_code, begun.status_code) == (204, 200)
    assert [problem(again), problem(none)] == [(409, "no_second_factor")] * 2
    assert (await acme.try_sign_in(EMAIL)).status_code == 200
    assert await acme.sql("SELECT count(*) FROM recovery_codes") == [(0,)]


async def test_an_administrator_removes_the_second_factor_of_a_lost_phone(
    acme: Company, admin: httpx.AsyncClient, enrolled: Enrolled
) -> None:
    answer = await admin.post(f"{enrolled.person.path}/reset-second-factor", headers=at(2))

    assert (answer.status_code, answer.json()["second_factor"]) == (200, False)
    assert (await acme.try_sign_in(EMAIL)).status_code == 200


async def test_setting_it_up_is_on_record_without_the_secret(acme: Company, enrolled: Enrolled) -> None:
    audit = await acme.sql(
        "SELECT action, actor, before, after - '$origin' FROM audit_entries"
        " WHERE aggregate_id = $1::text::uuid AND version = 2",
        enrolled.person.id,
    )
    everything = str(await acme.sql("SELECT payload FROM outbox")) + str(
        await acme.sql("SELECT after FROM audit_entries")
    )

    assert audit == [
        ("user.updated", f"user:{enrolled.person.id}", '{"second_factor": false}', '{"second_factor": true}')
    ]
    assert enrolled.secret not in everything


async def test_machines_have_no_second_factor(acme: Company) -> None:
    made = await acme.credential()
    async with acme.gateway.client(made["secret"]) as machine:
        begin = await machine.post("/api/v1/auth/second-factor", json=PROOF)
        confirm = await machine.post("/api/v1/auth/second-factor/confirm", json={"code": "123456"})
        password = await machine.post("/api/v1/auth/password", json=PROOF | {"new_password": PASSWORD})

    assert [problem(answer) for answer in (begin, confirm, password)] == [(409, "not_a_person")] * 3
