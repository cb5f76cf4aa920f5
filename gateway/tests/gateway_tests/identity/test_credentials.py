from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest
from dirty_equals import IsDatetime, IsStr, IsUUID
from time_machine import Traveller

from crm_platform.db import Database
from crm_platform.errors import Unavailable
from crm_platform.ids import new_id
from gateway.credentials.api_keys import ApiKeys
from gateway_tests.identity.running import Company, RunningGateway, at, problem

PATH = "/api/v1/credentials"


async def whoami(gateway: RunningGateway, **headers: str) -> httpx.Response:
    async with gateway.client(**headers) as client:
        return await client.get("/api/v1/auth/me")


async def test_an_api_key_is_shown_once_and_opens_what_it_may(
    gateway: RunningGateway, acme: Company, admin: httpx.AsyncClient
) -> None:
    body = {"name": "ERP 同步", "scopes": ["users:read", "teams:read"], "visibility": "all", "system": "erp"}

    answer = await admin.post(PATH, json=body)

    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    made = answer.json()
    public_id = acme.id.hex + made["id"].replace("-", "")
    assert made == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": f"user:{acme.admin_id}",
        "updated_at": made["created_at"],
        "updated_by": f"user:{acme.admin_id}",
        "kind": "api_key",
        "name": "ERP 同步",
        "scopes": ["teams:read", "users:read"],
        "visibility": "all",
        "team_id": None,
        "system": "erp",
        "language": "en",
        "expires_at": None,
        "status": "active",
        "public_id": public_id,
        "last_used_at": None,
        "secret": IsStr(regex=f"crm_{public_id}_[A-Za-z0-9_-]{{43}}"),
    }
    del made["secret"]
    assert (await admin.get(answer.headers["location"])).json() == made
    assert (await admin.get(PATH)).json()["items"] == [made]
    for headers in ({"authorization": f"Bearer {answer.json()['secret']}"}, {"x_api_key": answer.json()["secret"]}):
        me = (await whoami(gateway, **headers)).json()
        assert (me["id"], me["kind"], me["tenant_id"]) == (made["id"], "apikey", str(acme.id))
        assert (me["scopes"], me["visibility"], me["system"]) == (["teams:read", "users:read"], "all", "erp")


async def test_an_api_key_opens_nothing_else(gateway: RunningGateway, acme: Company) -> None:
    made = await acme.credential(scopes=["users:read"])
    async with gateway.client(made["secret"]) as machine:
        allowed = await machine.get("/api/v1/users")
        refused = [await machine.post("/api/v1/users", json={}), await machine.get("/api/v1/teams")]

    assert allowed.status_code == 200
    assert [problem(answer) for answer in refused] == [(403, "forbidden")] * 2


async def test_what_an_api_key_changes_is_recorded_under_its_name_and_system(
    gateway: RunningGateway, acme: Company
) -> None:
    made = await acme.credential(scopes=["teams:write"], system="oa")
    async with gateway.client(made["secret"]) as machine:
        team = (await machine.post("/api/v1/teams", json={"name": "Von der OA"})).json()

    assert team["created_by"] == f"apikey:{made['id']}"
    [(headers,)] = await acme.sql("SELECT headers FROM outbox WHERE aggregate_type = 'team'")
    assert orjson.loads(headers)["origin"] == "oa"


async def test_only_the_hash_of_a_secret_is_kept(acme: Company, admin: httpx.AsyncClient) -> None:
    body = {"name": "key", "scopes": ["users:read"]}
    made = (await admin.post(PATH, json=body, headers={"idempotency-key": "once"})).json()
    secret = made["secret"][-43:]

    for table in ("credentials", "credential_secrets", "outbox", "audit_entries", "idempotency"):
        assert secret not in str(await acme.sql(f"SELECT * FROM {table}")), table
    [(hash_,)] = await acme.sql("SELECT hash FROM credential_secrets")
    assert len(hash_) == 32
    assert await acme.sql("SELECT count(*) FROM idempotency") == [(0,)]


async def test_nobody_makes_a_credential_that_may_more_than_himself(acme: Company, admin: httpx.AsyncClient) -> None:
    own, other = await acme.team("Own"), await acme.team("Other")
    below = await acme.team("Below", parent_id=own)
    role = {"name": "maker", "title": "M", "scopes": ["credentials:write", "users:read"], "visibility": "team"}
    await admin.post("/api/v1/roles", json=role)
    await acme.person("li@acme.test", roles=["maker"], team_id=own)

    async with await acme.as_("li@acme.test") as li:

        async def make(**body: Any) -> httpx.Response:
            return await li.post(PATH, json={"name": str(new_id()), "scopes": ["users:read"], **body})

        refused = [
            await make(scopes=["users:read", "users:write"]),
            await make(scopes=["customers:read"]),
            await make(visibility="all"),
            await make(visibility="team", team_id=other),
        ]
        allowed = [await make(visibility="team"), await make(visibility="team", team_id=below)]

    assert [problem(answer) for answer in refused] == [(403, "beyond_own_rights")] * 4
    assert refused[0].json()["detail"] == "This needs rights that you do not have yourself: users:write."
    assert [answer.json()["team_id"] for answer in allowed] == [own, below]
    assert await acme.sql("SELECT count(*) FROM credentials") == [(2,)]


async def test_an_api_key_makes_no_credential_beyond_itself(gateway: RunningGateway, acme: Company) -> None:
    made = await acme.credential(scopes=["credentials:write", "users:read"], visibility="own")
    async with gateway.client(made["secret"]) as machine:
        wider = await machine.post(PATH, json={"name": "x", "scopes": ["users:read"], "visibility": "all"})
        more = await machine.post(PATH, json={"name": "x", "scopes": ["users:write"]})
        same = await machine.post(PATH, json={"name": "x", "scopes": ["users:read"]})

    assert [problem(wider), problem(more)] == [(403, "beyond_own_rights")] * 2
    assert same.status_code == 201


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"scopes": []}, (422, "invalid_payload")),
        ({"scopes": ["*"]}, (422, "invalid_payload")),
        ({"scopes": ["dreams:read"]}, (409, "unknown_scope")),
        ({"kind": "password"}, (422, "invalid_payload")),
        ({"system": "Not A System"}, (422, "invalid_payload")),
        ({"expires_at": "2030-01-01T00:00:00"}, (422, "invalid_payload")),
        ({"expires_at": "2020-01-01T00:00:00Z"}, (409, "expiry_in_past")),
        ({"team_id": "01900000-0000-7000-8000-000000000000"}, (409, "unknown_team")),
        ({"secret": "my own"}, (422, "invalid_payload")),
    ],
    ids=str,
)
async def test_what_does_not_fit_is_refused(
    acme: Company, admin: httpx.AsyncClient, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    answer = await admin.post(PATH, json={"name": "key", "scopes": ["users:read"]} | body)

    assert problem(answer) == expected
    assert await acme.sql("SELECT count(*) FROM credentials") == [(0,)]


async def test_a_revoked_key_stops_within_thirty_seconds(
    gateway: RunningGateway, acme: Company, clock: Traveller
) -> None:
    made = await acme.credential()
    assert (await whoami(gateway, x_api_key=made["secret"])).status_code == 200
    async with await acme.as_() as admin:
        answer = await admin.post(f"{PATH}/{made['id']}/revoke", json={"reason": "lost"}, headers=at(1))
        again = await admin.post(f"{PATH}/{made['id']}/revoke", json={}, headers=at(2))

    assert (answer.json()["status"], answer.json()["version"]) == ("revoked", 2)
    assert problem(again) == (409, "invalid_transition")
    clock.shift(timedelta(seconds=29))
    assert (await whoami(gateway, x_api_key=made["secret"])).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert problem(await whoami(gateway, x_api_key=made["secret"])) == (401, "unauthenticated")
    assert await acme.sql("SELECT type FROM outbox WHERE aggregate_type = 'credential' ORDER BY id") == [
        ("credential.created",),
        ("credential.revoked",),
    ]
    assert await acme.sql("SELECT reason FROM audit_entries WHERE action = 'credential.revoked'") == [("lost",)]


async def test_a_revoked_key_that_was_not_in_use_stops_at_once(
    gateway: RunningGateway, acme: Company, admin: httpx.AsyncClient
) -> None:
    made = await acme.credential()
    await admin.post(f"{PATH}/{made['id']}/revoke", json={}, headers=at(1))

    assert problem(await whoami(gateway, x_api_key=made["secret"])) == (401, "unauthenticated")


async def test_an_expired_key_stops_at_that_moment(gateway: RunningGateway, acme: Company, clock: Traveller) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=20)
    made = await acme.credential(expires_at=ends.isoformat())
    assert (await whoami(gateway, x_api_key=made["secret"])).status_code == 200

    clock.shift(timedelta(seconds=19))
    assert (await whoami(gateway, x_api_key=made["secret"])).status_code == 200
    clock.shift(timedelta(seconds=1))

    assert problem(await whoami(gateway, x_api_key=made["secret"])) == (401, "unauthenticated")


async def test_a_key_of_a_clock_that_was_set_back_is_checked_anew(
    gateway: RunningGateway, acme: Company, clock: Traveller
) -> None:
    made = await acme.credential()
    async with await acme.as_() as admin:
        assert (await whoami(gateway, x_api_key=made["secret"])).status_code == 200
        await admin.post(f"{PATH}/{made['id']}/revoke", json={}, headers=at(1))

    clock.shift(timedelta(seconds=-1))

    assert problem(await whoami(gateway, x_api_key=made["secret"])) == (401, "unauthenticated")


def mutated(key: str, position: int) -> str:
    other = "0" if key[position] != "0" else "1"
    return key[:position] + other + key[position + 1 :]


async def test_a_changed_key_is_refused(gateway: RunningGateway, acme: Company) -> None:
    secret = (await acme.credential())["secret"]
    wrong = [mutated(secret, position) for position in (4, 35, 36, 67, 69, len(secret) - 2)]
    wrong += [secret[:-1], secret + "A", secret.upper(), secret.removeprefix("crm_"), "crm_", f" {secret}"]

    for text in wrong:
        assert problem(await whoami(gateway, x_api_key=text)) == (401, "unauthenticated"), text
    assert (await whoami(gateway, x_api_key=secret)).status_code == 200


async def test_the_secret_of_a_client_is_no_api_key(gateway: RunningGateway, acme: Company) -> None:
    made = await acme.credential(kind="client")

    forged = f"crm_{made['public_id']}_{made['secret']}"

    assert problem(await whoami(gateway, x_api_key=forged)) == (401, "unauthenticated")


async def test_the_last_use_is_noted_to_the_minute(gateway: RunningGateway, acme: Company, clock: Traveller) -> None:
    made = await acme.credential()

    async def last_used() -> datetime | None:
        [(moment,)] = await acme.sql("SELECT used_at FROM credential_secrets")
        found: datetime | None = moment
        return found

    assert await last_used() is None
    first = datetime.now(UTC)
    await whoami(gateway, x_api_key=made["secret"])
    assert await last_used() == first
    clock.shift(timedelta(seconds=59))
    await whoami(gateway, x_api_key=made["secret"])
    assert await last_used() == first
    clock.shift(timedelta(seconds=31))
    await whoami(gateway, x_api_key=made["secret"])
    assert await last_used() == first + timedelta(seconds=90)
    async with await acme.as_() as admin:
        shown = (await admin.get(f"{PATH}/{made['id']}")).json()
    assert datetime.fromisoformat(shown["last_used_at"]) == first + timedelta(seconds=90)


class LosingDatabase(Database):
    """Loses the connection at every statement."""

    def read(self, tenant_id: UUID) -> NoReturn:
        raise asyncpg.ConnectionDoesNotExistError(str(tenant_id))


async def test_a_key_that_cannot_be_checked_is_not_called_wrong(gateway: RunningGateway, acme: Company) -> None:
    secret = (await acme.credential())["secret"]
    keys = ApiKeys(LosingDatabase(gateway.settings.db, name="losing"), gateway.settings.identity)

    with pytest.raises(Unavailable):
        await keys.caller_of(secret)


async def test_names_are_unique_among_working_credentials(acme: Company, admin: httpx.AsyncClient) -> None:
    made = await acme.credential(name="ERP")

    twice = await admin.post(PATH, json={"name": "erp", "scopes": ["users:read"]})
    await admin.post(f"{PATH}/{made['id']}/revoke", json={}, headers=at(1))
    after = await admin.post(PATH, json={"name": "erp", "scopes": ["users:read"]})

    assert (problem(twice), after.status_code) == ((409, "credential_name_taken"), 201)


async def test_the_teams_of_a_key_are_its_own_and_those_below(gateway: RunningGateway, acme: Company) -> None:
    team = await acme.team("Team")
    below = await acme.team("Below", parent_id=team)
    made = await acme.credential(visibility="team", team_id=team)

    me = (await whoami(gateway, x_api_key=made["secret"])).json()

    assert (me["visibility"], me["team_ids"]) == ("team", [team, below])
