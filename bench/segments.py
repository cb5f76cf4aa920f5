"""What one customer's change costs with 100 segments among a million customers: `make bench B=segments`.

In turn: what the worker does about a change (lock, read, evaluate a hundred expressions, write what differs with audit
and event, in one transaction), and the same by two statements that somebody wrote by hand for these hundred segments:
one that locks, one that evaluates all conditions on the customer's row, compares, and writes row, audit entry and
event. Each change lets the customer enter or leave a few segments. CPU of the process and of the database together.
"""

import hashlib
import logging
import os
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import psutil
import structlog
import uvloop

from bench.customers import customers
from bench.measure import Row, Samples, interleaved, show
from bench.stage import Postgres, folder, opened, postgres
from crm_platform.clock import utc_now
from crm_platform.context import Cause, system_caller
from crm_platform.db import Database
from crm_platform.settling import settle_in
from crm_platform.uow import UnitOfWork
from customer_svc.segment_members import service

PACKAGE = "customer_svc"
TENANT = UUID(int=1)
CUSTOMERS = int(os.environ.get("CUSTOMERS", "1000000"))
SEGMENTS = 100
CHANGES = 200
"""Of one round, each of another customer."""

PORTION = 50_000
TEMPLATES: tuple[tuple[str, str], ...] = (
    ("grade == 'A' && employees > {n}0", "c.grade = 'A' AND c.employees > {n}0"),
    ("status == 'active' && facts.open_tickets > {k}", "c.status = 'active' AND coalesce(f.open_tickets, 0) > {k}"),
    ("'t{n}' in tags || grade == 'D'", "'t{n}' = ANY (c.tags) OR c.grade = 'D'"),
    (
        "facts.orders_value.amount >= {n}000 && facts.orders_value.currency == 'CNY'",
        "f.orders_value_amount >= {n}000 AND f.orders_value_currency = 'CNY'",
    ),
    (
        "now() - facts.last_order_at > duration('{n}0h')",
        "now() - f.last_order_at > make_interval(hours => {n}0)",
    ),
)
"""Conditions as somebody writes them for a segment, and by hand."""


def conditions() -> Iterator[tuple[str, str]]:
    """A hundred expressions and their counterparts in SQL."""
    for number in range(SEGMENTS):
        cel, sql = TEMPLATES[number % len(TEMPLATES)]
        values = {"n": str(number), "k": str(number % 4)}
        yield tuple(text.replace("{n}", values["n"]).replace("{k}", values["k"]) for text in (cel, sql))  # type: ignore[misc]


_ENTER = """
INSERT INTO customers (tenant_id, id, version, created_at, created_by, updated_at, updated_by, kind, name, name_key,
  status, grade, employees, tags, external_refs)
SELECT $1, md5('c' || number)::uuid, 1, now(), 'bench', now(), 'bench', 'company', name, lower(name),
  (ARRAY['prospect','active','active','dormant','churned'])[1 + number % 5],
  (ARRAY['A','B','B','C','C','C','D'])[1 + number % 7], number::bigint * 7919 % 5000,
  ARRAY['t' || number % 100], '[]'
FROM unnest($2::int[], $3::text[]) AS told (number, name)
"""
_FACTS = """
INSERT INTO customer_facts (tenant_id, customer_id, orders, last_order_at, orders_value_amount, orders_value_currency,
  open_tickets)
SELECT $1, md5('c' || number)::uuid, number % 9, now() - make_interval(hours => number % 9000), number % 90000, 'CNY',
  greatest(0, number % 8 - 4)
FROM generate_series(1, $2) AS number
"""
_LOCK = "SELECT 1 FROM customer_facts WHERE customer_id = $1 FOR NO KEY UPDATE"
_BY_HAND = """
WITH verdict AS MATERIALIZED (
  SELECT said.segment_id, coalesce(said.member, false) AS member
  FROM customers AS c LEFT JOIN customer_facts AS f ON f.customer_id = c.id
  CROSS JOIN LATERAL (VALUES {conditions}) AS said (segment_id, member) WHERE c.id = $1
), turned AS (
  UPDATE segment_members AS m SET member = v.member, version = m.version + 1, since = now(), updated_at = now()
  FROM verdict AS v WHERE m.customer_id = $1 AND m.segment_id = v.segment_id AND m.member <> v.member RETURNING m.*
), entered AS (
  INSERT INTO segment_members (id, version, created_at, created_by, updated_at, updated_by, segment_id, customer_id,
    member, since)
  SELECT gen_random_uuid(), 1, now(), 'bench', now(), 'bench', v.segment_id, $1, true, now()
  FROM verdict AS v WHERE v.member AND NOT EXISTS (
    SELECT 1 FROM segment_members AS m WHERE m.customer_id = $1 AND m.segment_id = v.segment_id
  ) RETURNING *
), changed AS (
  SELECT *, gen_random_uuid() AS event_id FROM (SELECT * FROM turned UNION ALL SELECT * FROM entered) AS written
), audited AS (
  INSERT INTO audit_entries (entry_id, aggregate_type, aggregate_id, version, action, actor, at, after, correlation_id)
  SELECT event_id, 'segment_member', id, version, 'segment.member_entered', 'bench', now(),
    jsonb_build_object('member', member), $2 FROM changed
)
INSERT INTO outbox (event_id, aggregate_type, aggregate_id, version, type, topic, occurred_at, headers, payload)
SELECT event_id, 'segment_member', id, version, 'segment.member_entered', 'crm.segment_member.v1', now(),
  jsonb_build_object('correlation_id', $2::uuid), convert_to(row_to_json(changed)::text, 'UTF8') FROM changed
"""


async def enter_customers(admin: Any) -> None:
    """Write the customers of the bench, and facts about them."""
    names = ((one.number, one.name) for one in customers(CUSTOMERS))
    while portion := list(islice(names, PORTION)):
        await admin.execute(_ENTER, TENANT, [number for number, _ in portion], [name for _, name in portion])
    await admin.execute(_FACTS, TENANT, CUSTOMERS)


def id_of(number: int) -> UUID:
    """The id of a customer, as the database computes it."""
    return UUID(hashlib.md5(f"c{number}".encode(), usedforsecurity=False).hexdigest())


class Bench:
    """One run."""

    def __init__(self, at: Postgres, database: Database, admin: Any) -> None:
        self._database = database
        self._processes = psutil.Process(), at.process
        self._admin = admin
        self._samples = Samples()
        self._milliseconds: list[float] = []
        self._round = 0
        self._by_hand = ""

    async def run(self) -> list[Row]:
        """Measure; returns the row."""
        await self._fill()
        for numbers in (self._numbers(0), self._numbers(CHANGES)):
            for id in numbers:
                await self._look(id)
        self._milliseconds.clear()
        await interleaved((self._ours, self._theirs), rounds=5)
        ours, theirs = self._samples["ours"], self._samples["theirs"]
        median = sorted(self._milliseconds)[len(self._milliseconds) // 2]
        return [
            Row(
                work=f"segments: one customer's change, {SEGMENTS} of them, {CUSTOMERS:,} customers",
                beside="the same by hand-written SQL",
                value=self._samples.ratio("theirs", "ours"),
                must=0.15,
                goal=0.30,
                at_least=True,
                figures=f"CPU {ours:.0f} µs, {theirs:.0f} µs; p50 {median:.1f} ms; "
                f"{self._samples['moves']:.1f} memberships a change",
            )
        ]

    async def _fill(self) -> None:
        await enter_customers(self._admin)
        rows = []
        for number, (cel, sql) in enumerate(conditions()):
            segment = uuid4()
            rows.append(f"('{segment}'::uuid, {sql})")
            await self._admin.execute(
                "INSERT INTO segments (tenant_id, id, version, created_at, created_by, updated_at, updated_by, name,"
                " expression, definition, status) VALUES ($1, $2, 1, now(), 'b', now(), 'b', $3, $4, 1, 'current')",
                *(TENANT, segment, f"{number}", cel),
            )
        self._by_hand = _BY_HAND.replace("{conditions}", ", ".join(rows))
        await self._admin.execute("VACUUM ANALYZE customers, customer_facts, segments")

    def _numbers(self, first: int) -> list[UUID]:
        """Customers who are changed; the others are there to be in the way."""
        step = CUSTOMERS // (3 * CHANGES)
        return [id_of(1 + (first + number) * step) for number in range(CHANGES)]

    async def _change(self, ids: list[UUID]) -> None:
        self._round += 1
        tags = (["t2", "t7"], ["t12", "t17"])[self._round // 2 % 2]
        await self._admin.execute("UPDATE customers SET tags = $1, grade = 'B' WHERE id = ANY ($2)", tags, ids)

    async def _ours(self) -> None:
        ids, moved = self._numbers(0), 0
        await self._change(ids)
        with self._samples.cpu("ours", lambda: CHANGES, *self._processes):
            for id in ids:
                started = time.perf_counter()
                moved += await self._look(id)
                self._milliseconds.append((time.perf_counter() - started) * 1000)
        self._samples.add("moves", moved / CHANGES)

    async def _look(self, id: UUID) -> int:
        async with self._database.transaction(TENANT) as connection:
            unit = UnitOfWork(connection, system_caller(TENANT, "bench"), Cause(actor="system:bench"), clock=utc_now)
            return await service.look_at(unit, [id])

    async def _theirs(self) -> None:
        ids = self._numbers(CHANGES)
        await self._change(ids)
        with self._samples.cpu("theirs", lambda: CHANGES, *self._processes):
            for id in ids:
                async with self._database.transaction(TENANT) as connection:
                    await connection.execute(_LOCK, id)
                    await connection.execute(self._by_hand, id, uuid4())


async def _measure(at: Postgres) -> list[Row]:
    settle_in()
    async with opened(at, PACKAGE) as (database, admin):
        return await Bench(at, database, admin).run()


def rows() -> list[Row]:
    """The row of the table of performance."""
    with folder() as at, postgres(at, PACKAGE) as server:
        return uvloop.run(_measure(server))


if __name__ == "__main__":
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())
