"""A page of customers by custom fields among a million: `make bench B=custom_fields`.

In turn: the list as the API asks for it, filtered by one indexed field and sorted by another, under row-level security;
and the same by a statement that somebody wrote by hand for a table in which both fields are columns, with an index for
the order and one for the filter. First pages, pages in the depth, and pages of a value that nobody has; and first pages
filtered by one of several choices, beside a table of choices by hand. CPU of the process and of the database together.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import psutil
import structlog
import uvloop

from bench.measure import Row, Samples, interleaved, show
from bench.segments import CUSTOMERS, PACKAGE, TENANT, enter_customers
from bench.stage import Postgres, folder, opened, postgres
from crm_platform.context import system_caller
from crm_platform.db import Database
from crm_platform.reads import PageParams, Reader
from crm_platform.settling import settle_in
from customer_svc.customers import service as customers

PAGES = 20
"""Of one round of one kind."""
DEEP = CUSTOMERS // 10
"""Customers before a page in the depth."""

_DEFINE = """
INSERT INTO custom_fields (tenant_id, id, version, created_at, created_by, updated_at, updated_by, resource, key, type,
  label, status, required, "unique", indexed, applied, choices, slot)
SELECT $1, gen_random_uuid(), 1, now(), 'b', now(), 'b', 'customers', key, type, '{"en": "?", "zh": "?"}', 'active',
  false, false, true, true, '[]', 1
FROM (VALUES ('region', 'text'), ('level', 'number'), ('markets', 'multi_choice')) AS defined (key, type)
"""
_REVISION = "INSERT INTO custom_field_revisions (tenant_id, resource, revision) VALUES ($1, 'customers', 1)"
# Skewed as such fields are: a third of all in the first region, few in the last; one market that one in 10,000 has.
_VALUES = """
UPDATE customers SET custom_revision = 1, custom = jsonb_build_object(
  'region', (ARRAY['华东', '华南', '华北', '西南', '东北', '西北'])[1 + (6 * (h % 1000 / 1000.0) ^ 2)::int % 6],
  'level', h % 999983,
  'markets', to_jsonb(array_remove(ARRAY[
    (ARRAY['零售', '制造', '金融', '教育'])[1 + (4 * (h % 1009 / 1009.0) ^ 2)::int % 4],
    CASE WHEN h % 2 = 0 THEN '出口' END, CASE WHEN h % 10007 = 0 THEN '航天' END], NULL)))
FROM (SELECT id AS of, abs(hashtext(id::text)) AS h FROM customers) AS drawn WHERE id = of
"""
_SLOTS = """
INSERT INTO customer_custom_slots (tenant_id, record_id, texts, numbers)
SELECT tenant_id, id, ARRAY[custom ->> 'region'], ARRAY[(custom ->> 'level')::float8] FROM customers
"""
_CHOICES = """
INSERT INTO customer_custom_choices (tenant_id, record_id, choice)
SELECT tenant_id, id, 'markets=' || market FROM customers, jsonb_array_elements_text(custom -> 'markets') AS market
"""
_BY_HAND = """
CREATE TABLE by_hand AS SELECT tenant_id, id, name, custom ->> 'region' COLLATE "C" AS region,
  (custom ->> 'level')::float8 AS level FROM customers;
ALTER TABLE by_hand ADD PRIMARY KEY (tenant_id, id);
CREATE INDEX ON by_hand (tenant_id, level, id);
CREATE INDEX ON by_hand (tenant_id, region, id);
ALTER TABLE by_hand ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON by_hand USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid));
GRANT SELECT ON by_hand TO customer_svc;
CREATE TABLE markets_by_hand AS SELECT tenant_id, id, market COLLATE "C" AS market
  FROM customers, jsonb_array_elements_text(custom -> 'markets') AS market;
ALTER TABLE markets_by_hand ADD PRIMARY KEY (tenant_id, market, id);
ALTER TABLE markets_by_hand ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON markets_by_hand
  USING (tenant_id = (SELECT nullif(current_setting('crm.tenant_id', true), '')::uuid));
GRANT SELECT ON markets_by_hand TO customer_svc;
"""
_PAGE = """
SELECT row_to_json(r)::text FROM (SELECT id, name, level FROM by_hand
WHERE region = $1 AND (level, id) < ($2, $3) ORDER BY level DESC, id DESC LIMIT 51) AS r
"""
_PAGE_OF_MARKET = """
SELECT row_to_json(r)::text FROM (SELECT id, name, level FROM by_hand
WHERE EXISTS (SELECT FROM markets_by_hand AS m
  WHERE m.tenant_id = by_hand.tenant_id AND m.id = by_hand.id AND market = $1)
AND (level, id) < ($2, $3) ORDER BY level DESC, id DESC LIMIT 51) AS r
"""
_REGIONS = ("华东", "华南", "西南", "西北")
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Pages of one kind.

    Attributes:
        what: What they are, for the row.
        values: What is filtered by, in turn.
        after: Behind which level and id they are; None for first pages.
        is_market: Whether the filter is by one of several choices.
    """

    what: str
    values: tuple[str, ...]
    after: tuple[float, UUID] | None = None
    is_market: bool = False


class Bench:
    """One run."""

    def __init__(self, at: Postgres, database: Database, admin: Any) -> None:
        self._database, self._admin = database, admin
        self._reader = Reader(database, system_caller(TENANT, "bench"))
        self._processes = psutil.Process(), at.process
        self._samples = Samples()

    async def run(self) -> list[Row]:
        """Measure; returns the rows."""
        await self._fill()
        kinds = {
            "first": _Kind("first pages", _REGIONS),
            "deep": _Kind(f"pages behind {DEEP:,}", _REGIONS, after=await self._depth()),
            "none": _Kind("a value that nobody has", ("无",)),
            "market": _Kind("by a choice of several", ("零售", "教育", "出口"), is_market=True),
            "rare": _Kind("by a choice of several that one in 10,000 has", ("航天",), is_market=True),
        }
        rows = []
        for name, kind in kinds.items():
            await interleaved([self._measure(f"{name} {who}", who, kind) for who in ("ours", "theirs")], 5)
            rows.append(self._row(name, kind))
        return rows

    def _row(self, name: str, kind: "_Kind") -> Row:
        ours, theirs = f"{name} ours", f"{name} theirs"
        return Row(
            work=f"custom fields: list filtered and sorted by indexed ones, {CUSTOMERS:,} customers, {kind.what}",
            beside="the same by hand-written SQL on columns",
            value=self._samples.ratio(theirs, ours),
            must=0.10,
            goal=0.25,
            at_least=True,
            figures=f"CPU {self._samples[ours]:.0f} µs, {self._samples[theirs]:.0f} µs",
        )

    async def _fill(self) -> None:
        await enter_customers(self._admin)
        await self._admin.execute(_DEFINE, TENANT)
        await self._admin.execute(_REVISION, TENANT)
        for statement in (_VALUES, _SLOTS, _CHOICES, _BY_HAND, "VACUUM ANALYZE"):
            await self._admin.execute(statement, timeout=None)

    async def _depth(self) -> tuple[float, UUID]:
        found = await self._admin.fetchrow(
            "SELECT level, id FROM by_hand ORDER BY level DESC, id DESC OFFSET $1 LIMIT 1", DEEP
        )
        return found["level"], found["id"]

    def _measure(self, name: str, who: str, kind: "_Kind") -> Callable[[], Awaitable[None]]:
        ask = self._ours if who == "ours" else self._theirs

        async def measure() -> None:
            for value in kind.values:
                await ask(value, kind)
            with self._samples.cpu(name, lambda: PAGES, *self._processes):
                for number in range(PAGES):
                    await ask(kind.values[number % len(kind.values)], kind)

        return measure

    async def _ours(self, value: str, kind: "_Kind") -> None:
        view = await self._reader.view(customers.RESOURCE)
        asked = f"'{value}' in custom.markets" if kind.is_market else f"custom.region == '{value}'"
        query = {"filter": asked, "sort": "-custom.level", "fields": "id,name,custom.level"}
        params = PageParams.parse(query, view, max_limit=50)
        if kind.after is not None:
            params = PageParams.parse({**query, "cursor": params.cursor_after(kind.after)}, view, max_limit=50)
        orjson.loads(await self._reader.page(view, params))

    async def _theirs(self, value: str, kind: "_Kind") -> None:
        level, id = kind.after or (1e30, _LAST)
        async with self._reader.open() as connection:
            for row in await connection.fetch(_PAGE_OF_MARKET if kind.is_market else _PAGE, value, level, id):
                orjson.loads(row[0])


def rows() -> list[Row]:
    """Measure."""
    logging.disable(logging.WARNING)
    structlog.configure(processors=[structlog.processors.JSONRenderer()])
    settle_in()
    with folder() as at, postgres(at, PACKAGE) as database:
        return uvloop.run(_run(database))


async def _run(at: Postgres) -> list[Row]:
    async with opened(at, PACKAGE) as (database, admin):
        return await Bench(at, database, admin).run()


if __name__ == "__main__":
    show(rows())
