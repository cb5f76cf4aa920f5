import asyncio
import os
import subprocess
import sys
from typing import Any

import orjson
import pytest

from crm_platform.ids import new_id
from gateway.bootstrap import ensure_api_key, ensure_tenant
from gateway.scopes import SCOPES
from gateway_tests.identity.running import ADMIN_EMAIL, PASSWORD, Company, RunningGateway, problem


async def test_a_tenant_is_made_once(gateway: RunningGateway) -> None:
    slug = f"t-{new_id().hex[-12:]}"
    database, identity = gateway.runtime.database, gateway.settings.identity

    made = await asyncio.gather(
        *(ensure_tenant(database, slug, "T", ADMIN_EMAIL, PASSWORD, identity=identity) for _ in range(3))
    )
    again = await ensure_tenant(database, slug, "T", ADMIN_EMAIL, "another password 123", identity=identity)

    assert sorted(one.admin_created for one in made) == [False, False, True]
    assert {(one.tenant_id, one.admin_id) for one in [*made, again]} == {(again.tenant_id, again.admin_id)}
    assert not again.admin_created
    company = Company(gateway, again.tenant_id, slug, again.admin_id)
    assert (await company.try_sign_in()).status_code == 200
    assert await company.sql("SELECT type FROM outbox") == [("user.created",)]
    assert await company.sql("SELECT actor FROM audit_entries") == [("system:bootstrap",)]


@pytest.mark.parametrize("slug", ["", "A", "with blank", "x" * 64, "1a", "abcdefab-cdef-abcd-efab-cdefabcdefab"])
async def test_what_is_no_slug_makes_no_tenant(gateway: RunningGateway, slug: str) -> None:
    with pytest.raises(ValueError, match="not a slug"):
        await ensure_tenant(gateway.runtime.database, slug, "T", ADMIN_EMAIL, PASSWORD)

    assert await gateway.sql("SELECT count(*) FROM tenants WHERE slug = $1", slug) == [(0,)]


async def test_an_api_key_is_kept_as_long_as_it_works(gateway: RunningGateway, acme: Company) -> None:
    database = gateway.runtime.database
    key = await ensure_api_key(database, acme.id, "demo")

    same = await ensure_api_key(database, acme.id, "demo", known=key)
    renewed = await ensure_api_key(database, acme.id, "demo", known="crm_lost")

    assert same == key
    assert renewed != key
    assert await acme.sql("SELECT status FROM credentials ORDER BY created_at") == [("revoked",), ("active",)]
    async with gateway.client(renewed) as machine:
        me = (await machine.get("/api/v1/auth/me")).json()
        people = [{"email": "li@acme.test", "name": "Li", "roles": ["agent", "manager"]}]
        loaded = await machine.post("/api/v1/users/batch", json={"items": people})
        promoted = await machine.post("/api/v1/users", json={"email": "x@a.test", "name": "X", "roles": ["admin"]})
    assert me["visibility"] == "all"
    assert set(me["scopes"]) == SCOPES.keys() - {"roles:write", "credentials:write", "audit:write"}
    assert loaded.json()["created"] == 1
    assert problem(promoted) == (403, "beyond_own_rights")


async def test_a_key_of_another_tenant_is_not_taken_for_ours(gateway: RunningGateway, acme: Company) -> None:
    other = await gateway.company()
    theirs = await ensure_api_key(gateway.runtime.database, other.id, "demo")

    ours = await ensure_api_key(gateway.runtime.database, acme.id, "demo", known=theirs)

    assert ours.startswith(f"crm_{acme.id.hex}")


def run_program(gateway: RunningGateway, slug: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway.bootstrap", "--tenant", slug, "--name", "示例公司"]
    command += ["--email", "admin@demo.test", "--api-key", "demo"]
    ours = {
        "CRM_SERVICE": "gateway",
        "CRM_DB__URL": gateway.settings.db.url,
        "CRM_SECRET_KEY": "key of the tests",
        "CRM_IDENTITY__ARGON2_MEMORY_KIB": "64",
        "PATH": os.environ["PATH"],
        **environment,
    }
    return subprocess.run(command, env=ours, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


async def test_the_program_tells_what_it_made_and_repeats_itself(gateway: RunningGateway) -> None:
    slug = f"t-{new_id().hex[-12:]}"

    def run(**environment: str) -> dict[str, Any]:
        ended = run_program(gateway, slug, CRM_BOOTSTRAP_PASSWORD=PASSWORD, **environment)
        assert ended.returncode == 0, ended.stderr
        answer: dict[str, Any] = orjson.loads(ended.stdout)
        return answer

    first = await asyncio.to_thread(run)
    second = await asyncio.to_thread(lambda: run(CRM_BOOTSTRAP_API_KEY=first["api_key"]))

    assert (first.pop("admin_created"), second.pop("admin_created")) == (True, False)
    assert first == second
    assert first["slug"] == slug
    [(id_,)] = await gateway.sql("SELECT id::text FROM tenants WHERE slug = $1", slug)
    assert first["tenant_id"] == id_


async def test_the_program_says_in_one_sentence_what_is_wrong(gateway: RunningGateway) -> None:
    missing = await asyncio.to_thread(lambda: run_program(gateway, "demo-x"))
    weak = await asyncio.to_thread(lambda: run_program(gateway, "demo-x", CRM_BOOTSTRAP_PASSWORD="short"))

    assert (missing.returncode, weak.returncode) == (2, 1)
    assert missing.stderr.endswith("error: set CRM_BOOTSTRAP_PASSWORD\n")
    assert weak.stderr.splitlines()[-1].endswith("The password is refused: it has fewer than 12 characters.")
    assert (weak.stdout, "Traceback" in weak.stderr) == ("", False)
