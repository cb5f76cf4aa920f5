"""The timeline of a customer of whom there is much to tell (`make bench B=timeline`): the first page, and a deep one.

A million customers have an entry each, and one has a hundred thousand. What is measured is the list endpoint's own
reading (``Reader.page``), for somebody who sees the records of a team; beside it the same page by a statement as one
writes it by hand, for a superuser, to whom no policy applies.
"""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from bench.measure import Row, Samples
from bench.stage import folder, opened, postgres
from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader
from crm_platform.testing.identity import caller
from customer_svc.timeline.models import OF_CUSTOMER, OF_KINDS, TIMELINE
from customer_svc.timeline.service import readable_kinds

CUSTOMERS = int(os.environ.get("RECORDS", "1000000"))
ENTRIES = CUSTOMERS // 10
ROUNDS = 41
DEPTH = ENTRIES * 9 // 10
TENANT, CUSTOMER, TEAM = UUID(int=1), UUID(int=2), UUID(int=3)
_PAGE = 50
_START = datetime(2020, 1, 1, tzinfo=UTC)

_FILL = """
INSERT INTO timeline_entries (tenant_id, id, customer_id, kind, type, title, facts, happened_at, actor, source_type,
  source_id, version, team_id)
SELECT $1, gen_random_uuid(), coalesce($2, gen_random_uuid()), 'communication', 'communication.recorded',
  'n' || n, '{}', $3::timestamptz + n * interval '1 minute', 'user:1', 'communication', gen_random_uuid(), 1, $4
FROM generate_series(1, $5) n
"""
_BY_HAND = """
SELECT (SELECT row_to_json(r) FROM (SELECT id, customer_id, kind, type, title, facts, happened_at, actor, source_type,
  source_id) r)::text, happened_at, id
FROM timeline_entries WHERE tenant_id = $1 AND customer_id = $2 AND (happened_at, id) < ($3, $4)
ORDER BY happened_at DESC, id DESC LIMIT 51
"""
_LAST = UUID(int=2**128 - 1)


async def _load(admin: asyncpg.Connection) -> None:
    for customer, number in ((None, CUSTOMERS), (CUSTOMER, ENTRIES)):
        await admin.execute(_FILL, TENANT, customer, _START, TEAM, number)
    await admin.execute("VACUUM ANALYZE timeline_entries")


async def _page(database: Database, who: Caller, cursor: str | None) -> dict[str, Any]:
    query = {"limit": str(_PAGE)} | ({"cursor": cursor} if cursor else {})
    params = PageParams.parse(query, TIMELINE, max_limit=_PAGE)
    given = {"customer_id": CUSTOMER, "kinds": readable_kinds(who)}
    page: dict[str, Any] = orjson.loads(
        await Reader(database, who).page(TIMELINE, params, OF_CUSTOMER, OF_KINDS, **given)
    )
    return page


def _cursor(at: tuple[datetime, UUID]) -> str:
    return PageParams.parse({}, TIMELINE, max_limit=_PAGE).cursor_after(at)


async def _measured(database: Database, admin: asyncpg.Connection) -> Samples:
    samples, who = Samples(), caller(tenant_id=TENANT, visibility="team", team_ids=(TEAM,))
    below = (_START + timedelta(minutes=ENTRIES - DEPTH), _LAST)
    newest = (_START + timedelta(minutes=ENTRIES + 1), _LAST)
    deep = await _page(database, who, _cursor(below))
    shown = [orjson.loads(row[0]) for row in await admin.fetch(_BY_HAND, TENANT, CUSTOMER, *below)]
    if [one["id"] for one in deep["items"]] != [one["id"] for one in shown[:_PAGE]]:
        message = "the page and the statement show different entries"
        raise AssertionError(message)
    for _ in range(ROUNDS):
        for name, cursor, at in (("first", None, newest), ("deep", _cursor(below), below)):
            started = time.perf_counter()
            await _page(database, who, cursor)
            between = time.perf_counter()
            await admin.fetch(_BY_HAND, TENANT, CUSTOMER, *at)
            samples.add(name, (between - started) * 1000)
            samples.add(f"{name}, by hand", (time.perf_counter() - between) * 1000)
    return samples


async def _rows(server: Any) -> list[Row]:
    async with opened(server, "customer_svc") as (database, admin):
        await _load(admin)
        samples = await _measured(database, admin)
    times = ", ".join(f"{name} {samples[name]:.2f} ms" for name in ("first", "deep", "first, by hand", "deep, by hand"))
    return [
        Row(
            work=f"page of a timeline at depth {DEPTH:,}",
            beside="its first page",
            value=samples.ratio("deep", "first"),
            must=2,
            goal=1.3,
            figures=f"wall; {times}; {CUSTOMERS + ENTRIES:,} entries",
        ),
        Row(
            work="the same deep page",
            beside="hand-written SQL",
            value=samples.ratio("deep", "deep, by hand"),
            must=6,
            goal=2.5,
            figures=f"wall; {samples['deep']:.2f} ms, {samples['deep, by hand']:.2f} ms, of {ENTRIES:,} entries",
        ),
    ]


def rows() -> list[Row]:
    """Measure on a database of its own."""
    with folder() as at, postgres(at, "customer_svc") as server:
        return asyncio.run(_rows(server))


if __name__ == "__main__":
    from bench.measure import show

    show(rows())
