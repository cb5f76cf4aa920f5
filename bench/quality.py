"""What it costs to score one customer by 30 rules among a million customers: `make bench B=quality`.

In turn: what the worker does about a change (lock, read, evaluate, write the score if it is another, in one
transaction), and the same by two statements that somebody wrote by hand for these thirty rules: one that locks, one
that evaluates all conditions on the customer's row and writes the score. Each change makes another score. CPU of the
process and of the database together.
"""

import logging
import time
from typing import Any
from uuid import UUID, uuid4

import psutil
import structlog
import uvloop

from bench.measure import Row, Samples, interleaved, show
from bench.segments import CHANGES, CUSTOMERS, PACKAGE, TENANT, conditions, enter_customers, id_of
from bench.stage import Postgres, folder, opened, postgres
from crm_platform.clock import utc_now
from crm_platform.context import Cause, system_caller
from crm_platform.db import Database
from crm_platform.settling import settle_in
from crm_platform.uow import UnitOfWork
from customer_svc.quality_scores import service

RULES = 30

_RULE = """
INSERT INTO quality_rules (tenant_id, id, version, created_at, created_by, updated_at, updated_by, code, label, message,
  expression, weight, severity, enabled)
VALUES ($1, $2, 1, now(), 'b', now(), 'b', $3, '{"en": "?", "zh": "?"}', '{"en": "?", "zh": "?"}', $4, $5, 'info', true)
"""
_LOCK = "SELECT 1 FROM customer_facts WHERE customer_id = $1 FOR NO KEY UPDATE"
_BY_HAND = """
WITH said AS MATERIALIZED (
  SELECT said.rule_id, said.weight, coalesce(said.holds, false) AS holds
  FROM customers AS c LEFT JOIN customer_facts AS f ON f.customer_id = c.id
  CROSS JOIN LATERAL (VALUES {conditions}) AS said (rule_id, weight, holds) WHERE c.id = $1
)
INSERT INTO quality_scores AS known (id, score, failed, keys, source, owner_id, team_id, changed_at)
SELECT c.id, verdict.score, verdict.failed, '{{}}', c.source, c.owner_id, c.team_id, now()
FROM customers AS c CROSS JOIN (
  SELECT (100 * coalesce(sum(weight) FILTER (WHERE holds), 0) / sum(weight))::int AS score,
    coalesce(array_agg(rule_id) FILTER (WHERE NOT holds), '{{}}') AS failed FROM said
) AS verdict WHERE c.id = $1
ON CONFLICT (tenant_id, id) DO UPDATE SET score = excluded.score, failed = excluded.failed,
  source = excluded.source, owner_id = excluded.owner_id, team_id = excluded.team_id, changed_at = excluded.changed_at
WHERE (known.score, known.failed) IS DISTINCT FROM (excluded.score, excluded.failed)
"""


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
                work=f"data quality: one customer scored by {RULES} rules, {CUSTOMERS:,} customers",
                beside="the same by hand-written SQL",
                value=self._samples.ratio("theirs", "ours"),
                must=0.15,
                goal=0.30,
                at_least=True,
                figures=f"CPU {ours:.0f} µs, {theirs:.0f} µs; p50 {median:.1f} ms",
            )
        ]

    async def _fill(self) -> None:
        await enter_customers(self._admin)
        rows = []
        for number, (cel, sql) in zip(range(RULES), conditions(), strict=False):
            rule, weight = uuid4(), 1 + number % 20
            rows.append(f"('{rule}'::uuid, {weight}, {sql})")
            await self._admin.execute(_RULE, TENANT, rule, f"r{number}", cel, weight)
        self._by_hand = _BY_HAND.format(conditions=", ".join(rows))
        await self._admin.execute("VACUUM ANALYZE customers, customer_facts, quality_rules")

    def _numbers(self, first: int) -> list[UUID]:
        """Customers who are changed; the others are there to be in the way."""
        step = CUSTOMERS // (3 * CHANGES)
        return [id_of(1 + (first + number) * step) for number in range(CHANGES)]

    async def _change(self, ids: list[UUID]) -> None:
        self._round += 1
        tags = (["t2", "t7"], ["t12", "t17"])[self._round // 2 % 2]
        await self._admin.execute("UPDATE customers SET tags = $1, grade = 'B' WHERE id = ANY ($2)", tags, ids)

    async def _ours(self) -> None:
        ids = self._numbers(0)
        await self._change(ids)
        with self._samples.cpu("ours", lambda: CHANGES, *self._processes):
            for id in ids:
                started = time.perf_counter()
                await self._look(id)
                self._milliseconds.append((time.perf_counter() - started) * 1000)

    async def _look(self, id: UUID) -> None:
        async with self._database.transaction(TENANT) as connection:
            unit = UnitOfWork(connection, system_caller(TENANT, "bench"), Cause(actor="system:bench"), clock=utc_now)
            await service.look_at(unit, [id])

    async def _theirs(self) -> None:
        ids = self._numbers(CHANGES)
        await self._change(ids)
        with self._samples.cpu("theirs", lambda: CHANGES, *self._processes):
            for id in ids:
                async with self._database.transaction(TENANT) as connection:
                    await connection.execute(_LOCK, id)
                    await connection.execute(self._by_hand, id)


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
