"""The SQL: parameters instead of text, forms that indexes serve under row-level security, and caching."""

import gc
import weakref
from types import MappingProxyType

import asyncpg
import pytest
from sqlalchemy import Column, MetaData, Table, Text, Uuid, select

from crm_platform.cel import CelLimits, Field, check, compile_filter, compile_program, field_map
from crm_platform.db import Query
from platform_tests.cel.samples import FIELDS, T

HOSTILE = "'; DROP TABLE cel_samples; -- %(x)s :x $1 {x}"

PREFIX = Table(
    "cel_indexed",
    MetaData(),
    Column("tenant_id", Uuid),
    Column("name_key", Text(collation="C")),
    Column("stage", Text),
)
PREFIX_FIELDS = field_map(
    Field("name_key", PREFIX.c.name_key, "string"), Field("stage", PREFIX.c.stage, "enum", values=("open", "won"))
)


@pytest.mark.parametrize(
    "text",
    [
        f'name == "{HOSTILE}"',
        f'name in ["{HOSTILE}"]',
        f'name.startsWith("{HOSTILE}")',
        f'name.endsWith("{HOSTILE}") || name.contains("{HOSTILE}")',
        f'tags.exists(t, t == "{HOSTILE}")',
        f'(active ? name : "{HOSTILE}") < "{HOSTILE}"',
    ],
)
async def test_no_constant_is_part_of_the_text(connection: asyncpg.Connection, text: str) -> None:
    chosen = compile_filter(text, FIELDS)
    query = Query(select(T.c.key).where(chosen.condition()))
    assert "DROP" not in query.text
    await connection.fetch(query.text, *query.bind(chosen.values))
    assert await connection.fetchval("SELECT count(*) FROM cel_samples") == 8


@pytest.fixture(scope="module")
async def _indexed(connection: asyncpg.Connection) -> None:
    await connection.execute(
        """
        CREATE TABLE cel_indexed (tenant_id uuid NOT NULL, name_key text COLLATE "C", stage text);
        INSERT INTO cel_indexed
        SELECT lpad((n % 2 + 1)::text, 32, '0')::uuid, md5(n::text), 'open' FROM generate_series(1, 20000) AS n;
        INSERT INTO cel_indexed SELECT lpad('1', 32, '0')::uuid, '上海' || n, 'won' FROM generate_series(1, 20) AS n;
        CREATE INDEX ON cel_indexed (tenant_id, name_key);
        CREATE INDEX ON cel_indexed (tenant_id, stage);
        ALTER TABLE cel_indexed ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON cel_indexed
            USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid));
        CREATE ROLE cel_reader;
        GRANT SELECT ON cel_indexed TO cel_reader;
        ANALYZE cel_indexed;
        """
    )


@pytest.mark.usefixtures("_indexed")
@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("name_key.startsWith('上海1')", "(name_key >= '上海1'::text) AND (name_key < '上海2'::text)"),
        ("name_key == '上海1'", "(name_key = '上海1'::text)"),
        ("name_key in ['上海1', '上海2']", "(name_key = ANY ('{上海1,上海2}'::text[]))"),
        ("stage == 'won' && !name_key.endsWith('1')", "(stage = 'won'::text)"),
    ],
)
async def test_indexes_serve_under_row_level_security(
    connection: asyncpg.Connection, text: str, condition: str
) -> None:
    chosen = compile_filter(text, PREFIX_FIELDS)
    query = Query(select(PREFIX.c.name_key).where(chosen.condition()))
    async with connection.transaction():
        await connection.execute("SET LOCAL ROLE cel_reader")
        await connection.execute("SELECT set_config('crm.tenant_id', lpad('1', 32, '0'), true)")
        plan = await connection.fetch(f"EXPLAIN (COSTS OFF) {query.text}", *query.bind(chosen.values))
    (index_condition,) = [line for (line,) in plan if "Index Cond" in line]
    assert condition in index_condition


def test_compiled_filters_are_kept_per_field_map() -> None:
    other = MappingProxyType(dict(FIELDS))
    kept = compile_filter("score > 3", FIELDS)
    assert compile_filter("score > 3", FIELDS) is kept
    assert compile_filter("score > 3", other) is not kept
    assert compile_filter("score > 3", FIELDS, CelLimits(max_depth=3)) is not kept
    assert compile_program("score > 3", FIELDS) is compile_program("score > 3", FIELDS)


def test_a_kept_filter_keeps_its_field_map_alive() -> None:
    """Else the identity of a later map could be that of a dead one."""

    class Fields(dict[str, Field]):
        pass

    fields = Fields(FIELDS)
    alive = weakref.ref(fields)
    check("score > 3", fields)
    del fields
    gc.collect()
    assert alive() is not None


def test_a_field_without_column_can_be_checked_and_evaluated() -> None:
    fields = field_map(Field("score", None, "int"))
    assert check("score > 3", fields) == {"score"}
    assert compile_program("score > 3", fields).evaluate({"score": 4})
    with pytest.raises(ValueError, match="field score has no column"):
        compile_filter("score > 3", fields).condition()


@pytest.mark.parametrize("name", ["", "a.", ".a", "a b", "1a", "名", "in", "a.true", "a\n"])
def test_field_names_are_what_the_language_can_say(name: str) -> None:
    with pytest.raises(ValueError, match="not a field name"):
        Field(name, None, "string")


def test_enumerations_and_only_they_have_values() -> None:
    with pytest.raises(ValueError, match="has values"):
        Field("stage", None, "enum")
    with pytest.raises(ValueError, match="has values"):
        Field("stage", None, "string", values=("a",))


def test_field_names_are_unique() -> None:
    with pytest.raises(ValueError, match="same name"):
        field_map(Field("a", None, "string"), Field("a", None, "int"))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('name == "a"', "name == 'b'"),
        ("score > 3 && score < 10 + 2", "score > 5 && score < 7 + 100"),
        ("name.startsWith('a')", "name.startsWith('上海')"),
        ("name in ['a']", "name in ['b', 'c', 'd']"),
        ("stage == 'open'", "stage == 'won'"),
        ("active ? score > 1 : name.contains('x')", "active ? score > 2 : name.contains('y')"),
        ("seen > now - duration('1h')", "seen > now - duration('36h')"),
        ("tags.exists(t, t == 'a')", "tags.exists(x, x == 'b')"),
        ("name == null || score == 1", "name == null || score == 2"),
    ],
)
def test_expressions_that_differ_in_constants_have_one_shape(text: str, other: str) -> None:
    one, two = compile_filter(text, FIELDS), compile_filter(other, FIELDS)
    assert one.shape == two.shape
    assert hash(one.shape) == hash(two.shape)
    assert one.values.keys() == two.values.keys()
    assert one.values != two.values


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("score > 3", "score >= 3"),
        ("score > 3", "score > 3.5"),
        ("score > 3", "points > 3"),
        ("name == 'a'", "name == null"),
        ("name in ['a']", "name in []"),
        ("name.startsWith('a')", "name.startsWith('')"),
        ("name == 'a' && score > 1", "name == 'a' || score > 1"),
    ],
)
def test_expressions_that_need_other_sql_have_another_shape(text: str, other: str) -> None:
    assert compile_filter(text, FIELDS).shape != compile_filter(other, FIELDS).shape
