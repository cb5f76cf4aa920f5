"""What the migrations make of a database is what the models say, for every deployable."""

import asyncio
from typing import Any

import pytest
from alembic import command
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from crm_platform.db.database import connect_dedicated
from crm_platform.db.migrations import migrations_config, upgrade
from crm_platform.db.schema import row_security
from crm_platform.mechanism import MECHANISM
from crm_platform.search.access import search_access
from crm_platform.search.declare import SEARCHED
from crm_platform.service import Service
from crm_runtime.pytest_plugin import MakeDatabase
from crm_runtime.testing import FreshDatabase
from platform_tests.persistence.states import DEPLOYABLES, migrate_of

_CATALOGUE = {
    "tables": """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, coalesce(c.reloptions, '{}'), c.relpersistence::text,
  obj_description(c.oid, 'pg_class') FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = $1::regnamespace
""",
    "columns": """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
  pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation::text, col_description(c.oid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace = $1::regnamespace
""",
    "constraints": """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
WHERE connamespace = $1::regnamespace AND contype <> 'n'
""",
    "indexes": """
SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid,
  ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)),
  (SELECT relname FROM pg_class t WHERE t.oid = i.indrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = $1::regnamespace
""",
    "policies": """
SELECT polrelid::regclass::text, polname, polcmd::text, polpermissive, pg_get_expr(polqual, polrelid),
  pg_get_expr(polwithcheck, polrelid), polroles::regrole[]::text
FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE c.relnamespace = $1::regnamespace
""",
    "views": """
SELECT relname::text, pg_get_userbyid(relowner), pg_get_viewdef(oid), reloptions::text, relacl::text FROM pg_class
WHERE relnamespace = $1::regnamespace AND relkind IN ('v', 'm')
""",
    "rights": """
SELECT c.relname::text, a.attname::text, a.attacl::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = $1::regnamespace AND a.attacl IS NOT NULL
UNION ALL SELECT 'schema', nspname::text, nspacl::text FROM pg_namespace WHERE oid = $1::regnamespace
""",
    "others": """
SELECT 'function', proname::text FROM pg_proc WHERE pronamespace = $1::regnamespace
UNION ALL SELECT 'trigger', tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
  WHERE c.relnamespace = $1::regnamespace AND NOT tgisinternal
UNION ALL SELECT 'type', typname::text FROM pg_type WHERE typnamespace = $1::regnamespace AND typtype IN ('e', 'd')
""",
}


async def catalogue(database: FreshDatabase, schema: str) -> dict[str, set[tuple[Any, ...]]]:
    """Everything that PostgreSQL knows of a schema, as sets of descriptions."""
    connection = await connect_dedicated(database.admin_url, name="test")
    try:
        found = {}
        await connection.execute(f"SET search_path TO {schema}, extensions")
        for kind, statement in _CATALOGUE.items():
            rows = await connection.fetch(statement, schema)
            found[kind] = {tuple(repr(value) for value in row) for row in rows if "alembic_version" not in str(row)}
        return found
    finally:
        await connection.close()


async def create_from_models(database: FreshDatabase, service: Service) -> None:
    """Create the tables straight from the models."""
    engine = create_async_engine("postgresql+asyncpg://" + database.url.split("://", 1)[1])

    def create(connection: Any, metadata: MetaData) -> None:
        metadata.create_all(connection, checkfirst=False)

    async with engine.begin() as connection:
        for metadata in (service.metadata, MECHANISM):
            await connection.run_sync(create, metadata)
            for table in metadata.sorted_tables:
                for statement in row_security(table) if table.info.get("tenant") else ():
                    await connection.exec_driver_sql(statement)
                for statement in search_access(table) if table.info.get(SEARCHED) else ():
                    await connection.exec_driver_sql(statement)
    await engine.dispose()


def retired_columns(service: Service) -> set[tuple[str, str]]:
    """Tables and columns that only the version before still writes; a later migration drops them."""
    tables = service.metadata.tables.values()
    return {(repr(table.name), repr(column)) for table in tables for column in table.info.get("retired", ())}


@pytest.fixture(params=DEPLOYABLES, ids=lambda one: one.name)
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.param
    return found


async def test_there_is_nothing_left_to_migrate(service: Service, make_database: MakeDatabase) -> None:
    database = make_database(service.package, **migrate_of(service))
    before = await catalogue(database, service.package)

    await asyncio.to_thread(upgrade, service.package, database.url)
    await asyncio.to_thread(command.check, migrations_config(service.package, database.url))

    assert await catalogue(database, service.package) == before


async def test_the_migrated_schema_is_that_of_the_models(service: Service, make_database: MakeDatabase) -> None:
    migrated = make_database(service.package, **migrate_of(service))
    modelled = make_database(service.package)
    await create_from_models(modelled, service)

    is_, should = await catalogue(migrated, service.package), await catalogue(modelled, service.package)
    retired = retired_columns(service)
    waiting = {column for column in is_["columns"] if column[:2] in retired}

    assert {column[:2] for column in waiting} == retired
    assert {column[3] for column in waiting} <= {"False"}, "a retired column that has to be filled"
    is_["columns"] -= waiting
    is_["indexes"] -= {
        index for index in is_["indexes"] if any(index[4] == of and name in index[3] for of, name in retired)
    }
    for kind, descriptions in should.items():
        assert is_[kind] - descriptions == set(), f"{kind} only in the migrations"
        assert descriptions - is_[kind] == set(), f"{kind} only in the models"
    assert len(should["tables"]) >= 12
    assert len(should["policies"]) >= 4


CHANGES = (
    ("columns", "ALTER TABLE customers ALTER COLUMN industry TYPE varchar(20)"),
    ("columns", "ALTER TABLE customers ALTER COLUMN tenant_id DROP DEFAULT"),
    ("columns", "ALTER TABLE customers ADD COLUMN nickname text"),
    ("constraints", "ALTER TABLE customers DROP CONSTRAINT ck_customers_kind"),
    ("indexes", "CREATE INDEX ON customers (industry)"),
    ("tables", "ALTER TABLE outbox RESET (autovacuum_vacuum_threshold)"),
    ("tables", "ALTER TABLE customers NO FORCE ROW LEVEL SECURITY"),
    ("policies", "DROP POLICY tenant ON customers"),
    ("rights", "GRANT SELECT (content) ON communications TO customer_svc_search"),
    ("rights", "GRANT CREATE ON SCHEMA customer_svc TO customer_svc_search"),
)


async def test_a_difference_would_be_noticed(make_database: MakeDatabase) -> None:
    (customer,) = [one for one in DEPLOYABLES if one.name == "customer-svc"]
    database = make_database(customer.package, **migrate_of(customer))
    connection = await connect_dedicated(database.url, name="test")
    try:
        for kind, change in CHANGES:
            before = await catalogue(database, customer.package)
            await connection.execute(change)
            after = await catalogue(database, customer.package)
            assert {name for name in before if before[name] != after[name]} == {kind}, change
    finally:
        await connection.close()
