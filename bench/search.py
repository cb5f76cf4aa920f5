"""Search of a million customers (`make bench B=search`): with policies and without, short words and long, typing ahead.

Two companies share the table. What is measured is the list endpoint's own reading (``Reader.page``): once with the role
of the service, once with a superuser, to whom no policy applies, and so with the very same SQL. Typing ahead is also
measured beside a statement as one writes it by hand, for that superuser, with the tenant in it.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import asyncpg

from bench.customers import customers
from bench.measure import Row, Samples
from bench.stage import Postgres, folder, postgres
from crm_platform.db import Database
from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader
from crm_platform.search.question import tsquery
from crm_platform.search.vector import tsvector
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.identity import caller
from crm_platform.testing.sealing import vault
from customer_svc.customers.models import CUSTOMERS
from customer_svc.values.names import name_key

COUNT = int(os.environ.get("RECORDS", "1000000"))
ROUNDS = 21
TENANTS = (UUID(int=1), UUID(int=2))
_START = datetime(2020, 1, 1, tzinfo=UTC)
_OWNERS = 200
_PAGE = 20
_PORTION = 50_000

SHORT = ("\u5efa\u56fd", "\u660e\u534e", "\u6587\u6770")
LONG = ("\u738b\u5efa\u56fd", "\u674e\u660e\u534e", "\u5f20\u6587\u6770")
"""Two characters, and three that hold them."""

SEARCHES: Mapping[str, str] = {
    "two characters": SHORT[0],
    "three characters": LONG[0],
    "a frequent word": "\u6709\u9650\u516c\u53f8",
    "two words": "\u4e0a\u6d77 \u79d1\u6280",
    "a Latin word": "software",
    "no such word": "\u9f98\u9f98",
}
TYPED = ("\u738b", "\u738b\u5efa", "\u738b\u5efa\u56fd", "ma", "mar", "mart", "sof", "softw")

_FIELDS = ("id", "version", "name", "name_latin", "status", "owner_id")
"""What is shown of a customer while somebody types."""

_BY_HAND = f"""
SELECT (SELECT row_to_json(r) FROM (SELECT {", ".join(_FIELDS)}) r)::text FROM customers
WHERE tenant_id = $1 AND search @@ $2::tsquery ORDER BY created_at DESC, id DESC LIMIT {_PAGE + 1}
"""

_COLUMNS = (
    *("tenant_id", "id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id"),
    *("kind", "name", "name_key", "status", "tags", "external_refs", "search"),
)
_STAGE = """
CREATE TEMP TABLE stage (LIKE customers INCLUDING DEFAULTS);
ALTER TABLE stage DROP COLUMN search; ALTER TABLE stage ADD COLUMN search text
"""
_MOVE = f"""
INSERT INTO customers ({", ".join(_COLUMNS)})
SELECT {", ".join(_COLUMNS[:-1])}, search::tsvector FROM stage
"""


def _records() -> Iterator[tuple[object, ...]]:
    random = Random(7)  # noqa: S311  (invented records, no secret)
    for customer in customers(COUNT):
        tenant, at = TENANTS[customer.number % 2], _START + timedelta(minutes=customer.number)
        owner, id = UUID(int=100 + random.randrange(_OWNERS)), UUID(int=random.getrandbits(128))
        words = tsvector((("A", customer.name),))
        head = (tenant, id, 1, at, "user:1", at, "user:1", owner)
        yield (*head, "company", customer.name, name_key(customer.name), "prospect", [], "[]", words)


async def _load(admin: asyncpg.Connection) -> None:
    """Put the records in; indexes are those of the migrations."""
    await admin.execute(_STAGE)
    portion: list[tuple[object, ...]] = []
    for record in _records():
        portion.append(record)
        if len(portion) == _PORTION:
            await admin.copy_records_to_table("stage", records=portion, columns=_COLUMNS)
            await admin.execute(f"{_MOVE}; TRUNCATE stage")
            portion.clear()
    await admin.execute("VACUUM ANALYZE customers")


async def _timed(database: Database, q: str, sort: str = "-created_at") -> float:
    """Milliseconds of one page: the fastest of three, since others use the machine too."""
    who = caller(tenant_id=TENANTS[0])
    query = {"q": q, "limit": str(_PAGE), "sort": sort, "fields": ",".join(_FIELDS)}
    params = PageParams.parse(query, CUSTOMERS.resource, max_limit=_PAGE)
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        await Reader(database, who).page(CUSTOMERS.resource, params)
        taken.append((time.perf_counter() - started) * 1000)
    return min(taken)


async def _by_hand(admin: asyncpg.Connection, q: str) -> float:
    """Milliseconds of the page that :func:`_timed` reads, by a statement of its own, which is planned afresh too."""
    words, taken = tsquery(q, "words"), []
    for _ in range(3):
        started = time.perf_counter()
        await (await admin.prepare(_BY_HAND)).fetch(TENANTS[0], words)
        taken.append((time.perf_counter() - started) * 1000)
    return min(taken)


async def _measure(ours: Database, free: Database, admin: asyncpg.Connection) -> tuple[Samples, list[float]]:
    samples = Samples()
    typed: list[float] = []
    for _ in range(ROUNDS):
        for name, q in SEARCHES.items():
            samples.add(f"{name}, policy", await _timed(ours, q))
            samples.add(f"{name}, none", await _timed(free, q))
        samples.add("short", statistics.fmean([await _timed(ours, q) for q in SHORT]))
        samples.add("long", statistics.fmean([await _timed(ours, q) for q in LONG]))
        typed += (ahead := [await _timed(ours, q) for q in TYPED])
        samples.add("typed", statistics.fmean(ahead))
        samples.add("by hand", statistics.fmean([await _by_hand(admin, q) for q in TYPED]))
    return samples, typed


async def _rows(server: Postgres) -> list[Row]:
    path = "search_path=customer_svc,extensions"
    admin = await asyncpg.connect(f"{server.admin_url}?{path}")
    try:
        await _load(admin)
        naive = await _naive(server)
        samples, typed = await _opened(server, admin, path)
    finally:
        await admin.close()
    return _shown(samples, typed, naive)


async def _opened(server: Postgres, admin: asyncpg.Connection, path: str) -> tuple[Samples, list[float]]:
    ours = Database(DatabaseSettings(url=server.urls["customer_svc"]), name="bench", vault=vault())
    free = Database(DatabaseSettings(url=f"{server.admin_url}?{path}"), name="bench", vault=vault())
    await ours.open()
    await free.open()
    try:
        return await _measure(ours, free, admin)
    finally:
        await ours.close()
        await free.close()


async def _naive(server: Postgres) -> float:
    """Milliseconds of one look-up that has nothing but the policy."""
    connection = await asyncpg.connect(server.urls["customer_svc"])
    try:
        await connection.execute(f"SET crm.tenant_id = '{TENANTS[0]}'")
        started = time.perf_counter()
        await connection.fetch(f"SELECT id FROM customers WHERE search @@ '''{SHORT[0]}'''::tsquery")
        return (time.perf_counter() - started) * 1000
    finally:
        await connection.close()


def _shown(samples: Samples, typed: list[float], naive: float) -> list[Row]:
    ratios = {name: samples[f"{name}, policy"] / samples[f"{name}, none"] for name in SEARCHES}
    times = ", ".join(f"{name} {samples[f'{name}, policy']:.1f} ms ({ratios[name]:.2f})" for name in SEARCHES)
    p50 = statistics.median(typed)
    slowest = statistics.quantiles(typed, n=20)[-1]
    return [
        Row(
            work="any search under row-level security",
            beside="the same SQL without",
            value=max(ratios.values()),
            must=1.5,
            goal=1.1,
            figures=f"wall; {times}; by the policy alone {naive:.0f} ms",
        ),
        Row(
            work="two-character Chinese search",
            beside="three-character",
            value=samples.ratio("short", "long"),
            must=10,
            goal=3,
            figures=f"{samples['short']:.2f} ms, {samples['long']:.2f} ms, {COUNT:,} records",
        ),
        Row(
            work="customers while somebody types",
            beside="hand-written SQL",
            value=samples.ratio("typed", "by hand"),
            must=4,
            goal=2,
            figures=f"wall; {samples['typed']:.2f} ms, {samples['by hand']:.2f} ms",
        ),
        Row(
            work="a page while somebody types, p50",
            beside="-",
            value=p50,
            must=50,
            goal=10,
            unit=" ms",
            figures=f"p95 {slowest:.1f} ms, {len(TYPED)} beginnings of names",
        ),
    ]


def rows() -> list[Row]:
    """Measure on a database of its own."""
    with folder() as at, postgres(at, "customer_svc") as server:
        return asyncio.run(_rows(server))


if __name__ == "__main__":
    from bench.measure import show

    show(rows())
