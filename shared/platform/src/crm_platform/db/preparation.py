"""The system's database: one database, and in it one role and one schema for each owner, walled off.

The same statements prepare the embedded PostgreSQL and one that somebody else runs; running them again
changes nothing. Of the admin they need the rights to create databases and roles, not those of a superuser.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

DATABASE = "crm"
EXTENSIONS = ("btree_gin", "btree_gist", "pg_trgm")
EXTENSION_SCHEMA = "extensions"
OLDEST_SERVER = 180_000
# Order and letter case come from PostgreSQL's own builtin C.UTF-8. pg_trgm, though, still asks the system's
# character classes what a letter is: under plain C there would be no trigrams of Chinese.
SYSTEM_LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")

Connection: TypeAlias = asyncpg.Connection

# A process frozen inside a transaction must not hold its row locks for ever, nor wait for ever for others'.
_ROLE_SETTINGS = {
    "idle_in_transaction_session_timeout": "15s",
    "lock_timeout": "15s",
    "timezone": "UTC",
}
ROLES_LOCK = 7_310_442
SEARCH_ROLE = "_search"
"""Behind an owner's name: the role that its views for searching belong to, see ``crm_platform.search.access``."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Unusable(Exception):
    """The server there cannot be used; the text says in one sentence why, and what to do."""


@dataclass(frozen=True)
class Owner:
    """A role with the schema of the same name that it owns."""

    name: str
    password: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"not a plain lower-case name: {self.name!r}")


def role_url(admin_url: str, owner: Owner, *, database: str = DATABASE) -> str:
    """The URL with which the owner's processes log in, on the admin's server."""
    parts = urlsplit(admin_url)
    place = f"{parts.hostname}:{parts.port or 5432}"
    return urlunsplit(
        parts._replace(netloc=f"{owner.name}:{quote(owner.password, safe='')}@{place}", path=f"/{database}")
    )


def database_url(admin_url: str, database: str) -> str:
    """The admin's URL on another database of the same server."""
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


async def prepare(admin_url: str, owners: Iterable[Owner], *, database: str = DATABASE) -> dict[str, str]:
    """Make database, roles and schemas where they are missing; returns each owner's URL by its name."""
    owners = list(owners)
    admin = await connect(admin_url)
    try:
        await _check_server(admin)
        # Two systems may be started on one server at the same moment; the lock ends with this session.
        await admin.execute("SELECT pg_advisory_lock($1)", ROLES_LOCK)
        for owner in owners:
            await ensure_role(admin, owner)
        await _ensure_database(admin, database)
        inside = await connect(database_url(admin_url, database))
        try:
            await prepare_database(inside, database, owners)
        finally:
            await inside.close()
    finally:
        await admin.close()
    return {owner.name: role_url(admin_url, owner, database=database) for owner in owners}


async def connect(url: str) -> Connection:
    """Log in, or say in one sentence why that is not possible."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgres") or not parts.hostname:
        raise Unusable("A PostgreSQL address looks like postgresql://user:password@host:5432/postgres.")
    place = f"{parts.hostname}:{parts.port or 5432}"
    try:
        return await asyncpg.connect(url, timeout=10.0)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise Unusable(f"PostgreSQL at {place} refuses the login of {parts.username}: {error}.") from error
    except (OSError, TimeoutError) as error:
        raise Unusable(
            f"PostgreSQL at {place} cannot be reached ({str(error) or 'no answer in 10 s'}); is it running there?"
        ) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise Unusable(f"PostgreSQL at {place} cannot be used: {error}.") from error


async def ensure_role(admin: Connection, owner: Owner) -> None:
    """The login role, without any special right, with its settings."""
    rights = await admin.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = $1", owner.name)
    login = f"LOGIN PASSWORD {quote_literal(owner.password)} NOCREATEDB NOCREATEROLE"
    plain = "NOSUPERUSER NOBYPASSRLS NOREPLICATION"
    if rights is None:
        await admin.execute(f"CREATE ROLE {owner.name} {plain} {login}")
    elif rights["rolsuper"] or rights["rolbypassrls"]:
        # Only a superuser may mention these, even if they are right already.
        await admin.execute(f"ALTER ROLE {owner.name} {plain} {login}")
    else:
        await admin.execute(f"ALTER ROLE {owner.name} {login}")
    settings = {**_ROLE_SETTINGS, "search_path": f"{owner.name}, {EXTENSION_SCHEMA}"}
    await admin.execute("; ".join(_role_settings(owner.name, settings)))
    await _ensure_search_role(admin, owner)


async def _ensure_search_role(admin: Connection, owner: Owner) -> None:
    """The role that the owner's views for searching belong to: it cannot log in, and owns nothing else.

    The owner may act as this role to make such a view, but has none of its rights as long as it does not.
    """
    role = owner.name + SEARCH_ROLE
    if await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role) is None:
        await admin.execute(f"CREATE ROLE {role} NOLOGIN NOINHERIT NOCREATEDB NOCREATEROLE")
    await admin.execute(f"GRANT {role} TO {owner.name} WITH INHERIT FALSE, SET TRUE")


def _role_settings(role: str, settings: Mapping[str, str]) -> list[str]:
    # search_path is a list of names, not one text, and so is not quoted.
    return [
        f"ALTER ROLE {role} SET {name} = {value if name == 'search_path' else quote_literal(value)}"
        for name, value in settings.items()
    ]


async def _check_server(admin: Connection) -> None:
    number = int(await admin.fetchval("SHOW server_version_num"))
    if number < OLDEST_SERVER:
        raise Unusable(
            f"PostgreSQL {OLDEST_SERVER // 10_000} or newer is needed; the server there is {number // 10_000}."
        )
    encoding = await admin.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        raise Unusable(f"The PostgreSQL server must use UTF8, and not {encoding}.")


async def _ensure_database(admin: Connection, database: str) -> None:
    if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database) is None:
        await create_database(admin, database)


async def create_database(admin: Connection, database: str) -> None:
    """Create an empty database with the builtin C.UTF-8 locale, which sorts alike on every machine."""
    statement = (
        f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' "
        "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE "
    )
    for locale in SYSTEM_LOCALES:
        try:
            await admin.execute(statement + quote_literal(locale))
        except asyncpg.WrongObjectTypeError:
            # That is how the server says that its system has no such locale.
            continue
        except asyncpg.InsufficientPrivilegeError as error:
            raise Unusable(f"The PostgreSQL admin may not create the database {database}: {error}.") from error
        return


async def prepare_database(inside: Connection, database: str, owners: Iterable[Owner]) -> None:
    """Inside the database: extensions, one schema per owner, and nothing for anybody else."""
    async with inside.transaction():
        await inside.execute(f"CREATE SCHEMA IF NOT EXISTS {EXTENSION_SCHEMA}")
        for extension in EXTENSIONS:
            await inside.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA {EXTENSION_SCHEMA}")
        await inside.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for owner in owners:
            await _ensure_schema(inside, database, owner)


async def _ensure_schema(inside: Connection, database: str, owner: Owner) -> None:
    name = owner.name
    await inside.execute(
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {name}; GRANT USAGE ON SCHEMA {EXTENSION_SCHEMA} TO {name}"
    )
    await _give_schema(inside, name)
    await inside.execute(f"GRANT USAGE ON SCHEMA {name}, {EXTENSION_SCHEMA} TO {name}{SEARCH_ROLE}")


async def _give_schema(inside: Connection, name: str) -> None:
    holder = await inside.fetchval("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = $1", name)
    if holder == name:
        return
    if not await inside.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        # Only a member of a role may make things that belong to it.
        await inside.execute(f"GRANT {name} TO CURRENT_USER")
    if holder is None:
        await inside.execute(f"CREATE SCHEMA {name} AUTHORIZATION {name}")
    else:
        await inside.execute(f"ALTER SCHEMA {name} OWNER TO {name}")


def quote_literal(text: str) -> str:
    """The text as an SQL literal, for statements that take no parameters; as PostgreSQL's function of this name."""
    quoted = text.replace("'", "''")
    return f"'{quoted}'" if "\\" not in text else "E'" + quoted.replace("\\", "\\\\") + "'"
