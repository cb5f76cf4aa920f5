"""The container that makes database, roles and schemas."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from crm_platform.db.preparation import (
    EXTENSION_SCHEMA,
    EXTENSIONS,
    Owner,
    create_database,
    database_url,
    role_url,
)


@pytest.fixture
async def mark(pg_admin_url: str) -> AsyncIterator[str]:
    """Ends the names of this test's database and roles, which are removed at the end."""
    mark = secrets.token_hex(4)
    yield mark
    admin = await asyncpg.connect(pg_admin_url)
    await admin.execute(f"DROP DATABASE IF EXISTS d_{mark} WITH (FORCE)")
    for role in (f"alpha_{mark}_search", f"beta_{mark}_search", f"alpha_{mark}", f"beta_{mark}", f"admin_{mark}"):
        await admin.execute(f"DROP ROLE IF EXISTS {role}")
    await admin.close()


async def _prepare(**environment: str) -> tuple[int | None, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "crm_platform.prepare",
        env={**kept, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_each_role_gets_its_schema_and_the_password_of_the_last_run(pg_admin_url: str, mark: str) -> None:
    alpha, beta, database = f"alpha_{mark}", f"beta_{mark}", f"d_{mark}"
    common = {
        "CRM_PREPARE__ADMIN_URL": pg_admin_url,
        "CRM_PREPARE__DATABASE": database,
        f"CRM_PREPARE__PASSWORDS__{beta.upper()}": "b",
    }
    for password in ("first", "second"):
        code, said = await _prepare(**common, **{f"CRM_PREPARE__PASSWORDS__{alpha.upper()}": password})
        assert (code, said) == (0, f"prepare: {database} has {alpha}, {beta}\n")
    for owner in (Owner(alpha, "second"), Owner(beta, "b")):
        connection = await asyncpg.connect(role_url(pg_admin_url, owner, database=database))
        assert await connection.fetchval("SELECT current_schema()") == owner.name
        await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(role_url(pg_admin_url, Owner(alpha, "first"), database=database))


async def test_a_database_that_is_there_is_taken_over_by_an_admin_who_is_no_superuser(
    pg_admin_url: str, mark: str
) -> None:
    """As an operator of PostgreSQL on Kubernetes makes both: the admin, and his database with its extensions."""
    alpha, database, admin = f"alpha_{mark}", f"d_{mark}", Owner(f"admin_{mark}", "a")
    superuser = await asyncpg.connect(pg_admin_url)
    await superuser.execute(f"CREATE ROLE {admin.name} LOGIN CREATEROLE CREATEDB PASSWORD '{admin.password}'")
    await create_database(superuser, database)
    await superuser.execute(f"ALTER DATABASE {database} OWNER TO {admin.name}")
    await superuser.close()
    inside = await asyncpg.connect(database_url(pg_admin_url, database))
    await inside.execute(f"CREATE SCHEMA {EXTENSION_SCHEMA} AUTHORIZATION {admin.name}")
    for extension in EXTENSIONS:
        await inside.execute(f"CREATE EXTENSION {extension} SCHEMA {EXTENSION_SCHEMA}")
    await inside.close()

    for _ in range(2):
        code, said = await _prepare(
            **{
                "CRM_PREPARE__ADMIN_URL": role_url(pg_admin_url, admin, database="postgres"),
                "CRM_PREPARE__DATABASE": database,
                f"CRM_PREPARE__PASSWORDS__{alpha.upper()}": "first",
            }
        )
        assert (code, said) == (0, f"prepare: {database} has {alpha}\n")
    connection = await asyncpg.connect(role_url(pg_admin_url, Owner(alpha, "first"), database=database))
    await connection.execute("CREATE TABLE own (id int); INSERT INTO own VALUES (1)")
    assert await connection.fetchval(f"SELECT count(*) FROM {alpha}.own WHERE 'abc' % 'abc'") == 1
    await connection.execute(f"SET ROLE {alpha}_search")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("SELECT * FROM own")
    await connection.close()


async def test_the_role_of_search_has_no_rights_but_those_that_a_migration_gives_it(
    pg_admin_url: str, mark: str
) -> None:
    alpha, database = f"alpha_{mark}", f"d_{mark}"
    await _prepare(
        **{
            "CRM_PREPARE__ADMIN_URL": pg_admin_url,
            "CRM_PREPARE__DATABASE": database,
            f"CRM_PREPARE__PASSWORDS__{alpha.upper()}": "a",
        }
    )
    inside = await asyncpg.connect(database_url(pg_admin_url, database))
    rights = "rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit"
    role = await inside.fetchrow(f"SELECT {rights} FROM pg_roles WHERE rolname = $1", f"{alpha}_search")
    may_create = await inside.fetchval("SELECT has_schema_privilege($1, $2, 'CREATE')", f"{alpha}_search", alpha)
    inherits = await inside.fetch(
        "SELECT inherit_option, set_option FROM pg_auth_members WHERE member = $1::regrole", alpha
    )
    await inside.close()
    assert set(dict(role).values()) == {False}
    assert may_create is False
    assert [tuple(row) for row in inherits] == [(False, True)]


async def test_it_says_what_is_missing_without_a_traceback(pg_admin_url: str) -> None:
    code, said = await _prepare(CRM_PREPARE__ADMIN_URL=pg_admin_url)
    assert code == 1
    assert "passwords" in said
    assert "Traceback" not in said
    code, said = await _prepare(CRM_PREPARE__ADMIN_URL="postgresql://a:b@127.0.0.1:1/x", CRM_PREPARE__PASSWORDS__A="b")
    assert code == 1
    assert said.startswith("prepare: PostgreSQL at 127.0.0.1:1 cannot be reached")


async def test_an_admin_without_the_rights_is_told_so(pg_admin_url: str, mark: str) -> None:
    nobody = Owner(f"admin_{mark}", "a")
    superuser = await asyncpg.connect(pg_admin_url)
    await superuser.execute(f"CREATE ROLE {nobody.name} LOGIN PASSWORD '{nobody.password}'")
    await superuser.close()
    address = role_url(pg_admin_url, nobody, database="postgres")
    code, said = await _prepare(CRM_PREPARE__ADMIN_URL=address, CRM_PREPARE__PASSWORDS__A="b")
    assert code == 1
    assert said.startswith("prepare: permission denied to create role\n")
