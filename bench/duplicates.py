"""Duplicates: how well they are found, and what looking for them costs among a million: `make bench B=duplicates`.

A million invented customers are filed under their keys. Then new ones, half of them copies of a filed one, are checked
one by one as a request does it (normalise, look up, load, score), and in bulk as an import does it; beside that, in
turn, the exact match of the name alone, which every import has anyway.
"""

import asyncio
import logging
import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import psutil
import structlog

from bench import linkage
from bench.customers import GeneratedCustomer, copied, customers
from bench.filing import KEYS, TENANT, Filing, blind, entry_of, loaded
from bench.measure import Row, Samples, interleaved, show
from bench.stage import Postgres, folder, postgres
from crm_platform.db.database import connect_dedicated
from customer_svc.duplicates.matching.keys import Hash, Key, exact_keys, probe_keys
from customer_svc.duplicates.matching.profile import Profile, profile
from customer_svc.duplicates.matching.scoring import Verdict, compare
from customer_svc.duplicates.matching.weights import Model
from customer_svc.duplicates.repository import MOST_PER_KEY, LookUp

CUSTOMERS = int(os.environ.get("CUSTOMERS", "1000000"))
CHECKS = 2_000
PACKAGE = "customer_svc"
_LIKES = LookUp(KEYS)
_LOAD = "SELECT id, entry FROM filed WHERE id = ANY ($1)"
_IN_BULK = f"""
SELECT wanted.row, met.record_id
FROM unnest($1::int[], $2::text[], $3::uuid[]) AS wanted (row, kind, key)
CROSS JOIN LATERAL (
  SELECT record_id FROM {KEYS.name} WHERE kind = wanted.kind AND key = wanted.key LIMIT {MOST_PER_KEY}
) AS met
"""


@dataclass(frozen=True, slots=True)
class New:
    """A customer to check, and the filed one that it is a copy of."""

    customer: GeneratedCustomer
    original: UUID | None


@dataclass(slots=True)
class Found:
    """What checking one by one came to.

    Attributes:
        milliseconds: Of each check.
        candidates: Of each check.
        met: Copies whose original was among the candidates.
        told: Copies whose original was possible or likely.
        wrong: Customers that are no copies, and were taken for likely ones.
    """

    milliseconds: list[float] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)
    met: int = 0
    told: int = 0
    wrong: int = 0


def to_check(sample: Iterable[GeneratedCustomer]) -> list[New]:
    """As many new customers as copies of those in the sample, in turn."""
    random = Random(3)  # noqa: S311 - invented data, no secret
    again = [New(copied(one, one.number, random), UUID(int=one.number)) for one in sample]
    strangers = [New(one, None) for one in customers(2 * len(again), seed=4) if one.copy_of is None]
    return [new for pair in zip(again, strangers, strict=False) for new in pair]


def _arrays(keys: Iterable[Key]) -> tuple[list[str], list[UUID]]:
    listed = list(keys)
    return [kind for kind, _ in listed], [key for _, key in listed]


class Bench:
    """One run."""

    def __init__(self, on: Postgres, connection: Any, news: list[New]) -> None:
        self._on = on
        self._connection = connection
        self._news = news
        self._samples = Samples()
        self._met: dict[str, set[tuple[int, UUID]]] = {}

    async def run(self, filing: Filing) -> list[Row]:
        """Measure; returns the rows."""
        await self._one_by_one()  # PostgreSQL's caches are warm in a running system
        found = await self._one_by_one()
        await interleaved([self._exactly, self._nearly])
        return [self._of_checks(found, filing), self._of_bulk()]

    async def _one_by_one(self) -> Found:
        found, model = Found(), Model().sized(CUSTOMERS)
        for new in self._news:
            started = time.perf_counter()
            asked = profile(entry_of(new.customer))
            ids = await _LIKES.candidates(self._connection, probe_keys(asked, blind))
            rows = await self._connection.fetch(_LOAD, ids)
            judged = {row["id"]: compare(asked, profile(loaded(row["entry"])), model) for row in rows}
            ranked = sorted(judged, key=lambda id: -judged[id].score)
            found.milliseconds.append((time.perf_counter() - started) * 1000)
            found.candidates.append(len(rows))
            if new.original is None:
                found.wrong += bool(ranked) and judged[ranked[0]].verdict is Verdict.LIKELY
            elif new.original in judged:
                found.met += 1
                found.told += judged[new.original].verdict is not Verdict.UNLIKELY
        return found

    async def _exactly(self) -> None:
        await self._in_bulk("exact", exact_keys)

    async def _nearly(self) -> None:
        await self._in_bulk("near", probe_keys)

    async def _in_bulk(self, name: str, keys: Callable[[Profile, Hash], frozenset[Key]]) -> None:
        parties = (psutil.Process(), self._on.process)
        with self._samples.cpu(name, lambda: len(self._news), *parties):
            asked = [keys(profile(entry_of(new.customer)), blind) for new in self._news]
            numbers = [row for row, found in enumerate(asked) for _ in found]
            rows = await self._connection.fetch(_IN_BULK, numbers, *_arrays(key for found in asked for key in found))
        self._met[name] = {(row["row"], row["record_id"]) for row in rows}

    def _recall(self, name: str) -> float:
        copies = {(row, new.original) for row, new in enumerate(self._news) if new.original}
        return len(copies & self._met[name]) / len(copies)

    def _of_checks(self, found: Found, filing: Filing) -> Row:
        p50, p95, p99 = (statistics.quantiles(found.milliseconds, n=100)[part - 1] for part in (50, 95, 99))
        copies = sum(new.original is not None for new in self._news)
        return Row(
            work=f"duplicate check among {CUSTOMERS:,} customers, p95",
            beside="–",
            value=p95,
            must=50.0,
            goal=20.0,
            unit=" ms",
            figures=(
                f"p50 {p50:.1f} ms, p99 {p99:.1f} ms; {statistics.mean(found.candidates):.1f} candidates scored; of "
                f"copies {found.met / copies:.3f} among them, {found.told / copies:.3f} told as possible; "
                f"{found.wrong} of {len(self._news) - copies} others likely; {filing.keys / CUSTOMERS:.1f} keys each"
            ),
        )

    def _of_bulk(self) -> Row:
        per_row = len(self._met["near"]) / len(self._news)
        return Row(
            work="fuzzy duplicate candidates, CPU per row",
            beside="exact match of the name",
            value=self._samples.ratio("near", "exact"),
            must=30.0,
            goal=15.0,
            figures=(
                f"CPU {self._samples['near']:.0f} µs, {self._samples['exact']:.0f} µs; recall "
                f"{self._recall('near'):.3f}, {self._recall('exact'):.3f}; {per_row:.1f} candidates a row"
            ),
        )


async def measure(on: Postgres) -> list[Row]:
    """File, then measure as the service's role."""
    settings = {"search_path": PACKAGE, "maintenance_work_mem": "512MB"}
    admin = await asyncpg.connect(on.admin_url, server_settings=settings)
    try:
        filing = Filing(admin, CUSTOMERS, CHECKS)
        await filing.run(PACKAGE)
    finally:
        await admin.close()
    connection = await connect_dedicated(on.urls[PACKAGE], name="bench", **{"crm.tenant_id": str(TENANT)})
    try:
        assert await connection.fetchval("SELECT count(*) FROM filed") == CUSTOMERS
        return await Bench(on, connection, to_check(filing.sample)).run(filing)
    finally:
        await connection.close()


def rows() -> list[Row]:
    """Start, measure, stop."""
    found = linkage.rows()
    with folder() as at, postgres(at, PACKAGE, migrated=False) as on:
        return found + asyncio.run(measure(on))


def main() -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())


if __name__ == "__main__":
    main()
