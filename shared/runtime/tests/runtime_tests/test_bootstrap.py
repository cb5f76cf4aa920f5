"""Database, roles and schemas, and the wall between them."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest

from crm_runtime.bootstrap import Owner, bootstrap, connect, role_url
from crm_runtime.errors import RuntimeProblem


@dataclass(frozen=True)
class Place:
    """A database of this test with two owners in it."""

    admin_url: str
    database: str
    alpha: Owner
    beta: Owner

    async def bootstrap(self, admin_url: str | None = None) -> dict[str, str]:
        return await bootstrap(admin_url or self.admin_url, [self.alpha, self.beta], database=self.database)


@pytest.fixture
async def place(pg_admin_url: str) -> AsyncIterator[Place]:
    mark = secrets.token_hex(4)
    here = Place(pg_admin_url, f"b_{mark}", Owner(f"alpha_{mark}", "it's secret/1"), Owner(f"beta_{mark}", "2"))
    yield here
    admin = await asyncpg.connect(pg_admin_url)
    await admin.execute(f"DROP DATABASE IF EXISTS {here.database} WITH (FORCE)")
    await admin.close()


async def test_running_it_again_changes_nothing_but_the_password(place: Place) -> None:
    first = await place.bootstrap()
    alpha = await asyncpg.connect(first[place.alpha.name])
    await alpha.execute("CREATE TABLE thing AS SELECT 1 AS id")
    await alpha.close()
    assert await place.bootstrap() == first
    changed = Owner(place.alpha.name, "another")
    await bootstrap(place.admin_url, [changed], database=place.database)
    again = await asyncpg.connect(role_url(place.admin_url, changed, database=place.database))
    assert await again.fetchval("SELECT id FROM thing") == 1
    await again.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(first[place.alpha.name])


async def test_a_role_is_refused_everywhere_but_in_its_own_schema(place: Place) -> None:
    urls = await place.bootstrap()
    alpha = await asyncpg.connect(urls[place.alpha.name])
    beta = await asyncpg.connect(urls[place.beta.name])
    await beta.execute("CREATE TABLE secret_thing (id int)")
    await alpha.execute("CREATE TABLE own_thing (id int)")
    for statement in (
        f"SELECT * FROM {place.beta.name}.secret_thing",
        f"CREATE TABLE {place.beta.name}.intruder (id int)",
        "CREATE TABLE public.intruder (id int)",
        "CREATE TABLE extensions.intruder (id int)",
        "CREATE SCHEMA intruder",
        f"SET ROLE {place.beta.name}",
        "CREATE ROLE intruder",
        f"ALTER ROLE {place.alpha.name} BYPASSRLS",
        "CREATE DATABASE intruder",
        "COPY own_thing FROM '/etc/passwd'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await alpha.execute(statement)
    tables = await alpha.fetch(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    assert [row["table_name"] for row in tables] == ["own_thing"]
    await alpha.close()
    await beta.close()


async def test_a_role_is_plain_and_has_its_settings(place: Place) -> None:
    admin = await asyncpg.connect(place.admin_url)
    await admin.execute(f"CREATE ROLE {place.alpha.name} SUPERUSER BYPASSRLS")
    urls = await place.bootstrap()
    rights = "rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
    for owner in (place.alpha, place.beta):
        row = await admin.fetchrow(f"SELECT {rights} FROM pg_roles WHERE rolname = $1", owner.name)
        assert list(row) == [False] * 5
    await admin.close()
    alpha = await asyncpg.connect(urls[place.alpha.name])
    assert await alpha.fetchval("SHOW search_path") == f"{place.alpha.name}, extensions"
    assert await alpha.fetchval("SHOW idle_in_transaction_session_timeout") == "15s"
    assert await alpha.fetchval("SHOW timezone") == "UTC"
    assert await alpha.fetchval("SELECT similarity('王小明', '王小明')") == 1
    await alpha.close()


async def test_a_stranger_may_not_even_connect(place: Place) -> None:
    await place.bootstrap()
    stranger = Owner(f"stranger_{place.database}", "x")
    admin = await asyncpg.connect(place.admin_url)
    await admin.execute(f"CREATE ROLE {stranger.name} LOGIN PASSWORD 'x'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(role_url(place.admin_url, stranger, database=place.database))
    await admin.execute(f"DROP ROLE {stranger.name}")
    await admin.close()


async def test_an_admin_without_superuser_rights_suffices(place: Place) -> None:
    """What a managed PostgreSQL gives its customers: roles and databases may be made, nothing more."""
    plain = Owner(f"admin_{place.database}", "x")
    admin = await asyncpg.connect(place.admin_url)
    await admin.execute(f"CREATE ROLE {plain.name} LOGIN CREATEDB CREATEROLE PASSWORD 'x'")
    await admin.close()
    url = role_url(place.admin_url, plain, database="postgres")
    urls = await place.bootstrap(url)
    assert await place.bootstrap(url) == urls
    alpha = await asyncpg.connect(urls[place.alpha.name])
    assert await alpha.fetchval("SELECT current_schema()") == place.alpha.name
    await alpha.close()


@pytest.mark.parametrize("name", ["Alpha", "a-b", "", "a; DROP DATABASE crm", "1a", "ä", "x" * 64])
def test_only_plain_names_become_roles(name: str) -> None:
    with pytest.raises(ValueError, match="plain lower-case name"):
        Owner(name, "x")


async def test_a_refused_login_is_one_sentence(pg_admin_url: str) -> None:
    wrong = role_url(pg_admin_url, Owner("postgres", "wrong"), database="postgres")
    with pytest.raises(RuntimeProblem, match="refuses the login of postgres"):
        await connect(wrong)
