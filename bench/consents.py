"""What one question costs whether a person may be turned to: `make bench B=consents`.

In turn: the question as the endpoint asks it (transaction, tenant, one statement, rules, answer in words), and a
statement that somebody wrote by hand for this one answer, in the same transaction. CPU of the process and of the
database together.
"""

import hashlib
import logging
import os
import time
from uuid import UUID

import psutil
import structlog
import uvloop

from bench.measure import Row, Samples, interleaved, show
from bench.stage import Postgres, folder, opened, postgres
from crm_contracts.privacy.v1 import ContactMeans
from crm_platform.context import system_caller
from crm_platform.db import Database
from crm_platform.reads import Reader
from crm_platform.settling import settle_in
from customer_svc.consents import service
from customer_svc.consents.schemas import MayContactMany

PACKAGE = "customer_svc"
TENANT = UUID(int=1)
PEOPLE = int(os.environ.get("PEOPLE", "1000000"))
QUESTIONS = 500
"""Of one round, each about another person."""

_ENTER = (
    """
INSERT INTO customers (tenant_id, id, version, created_at, created_by, updated_at, updated_by, kind, name, name_key,
  status, tags, external_refs)
SELECT $1, md5('c' || n)::uuid, 1, now(), 'b', now(), 'b', 'person', 'n' || n, 'n' || n, 'active', '{}', '[]'
FROM generate_series(1, $2) AS n
""",
    """
INSERT INTO consents (tenant_id, id, version, created_at, created_by, updated_at, updated_by, subject_kind, subject_id,
  purpose, channel, status, source, said_at, expires_at)
SELECT $1, gen_random_uuid(), 1, now(), 'b', now(), 'b', 'customer', md5('c' || n)::uuid, 'newsletter', channel,
  (ARRAY['given', 'given', 'withdrawn'])[1 + n % 3], 'form', now(), now() + interval '1 year'
FROM generate_series(1, $2) AS n, unnest(ARRAY['email', 'sms']) AS channel WHERE n % 2 = 0
""",
)
_PURPOSE = """
INSERT INTO consent_purposes (tenant_id, id, version, created_at, created_by, updated_at, updated_by, code, title_zh,
  title_en, basis, channels, double_opt_in, texts, active)
VALUES ($1, gen_random_uuid(), 1, now(), 'b', now(), 'b', 'newsletter', 'n', 'n', 'consent', '{email,sms}', false, '[]',
  true)
"""
_BY_HAND = """
SELECT c.status = 'given' AND (c.expires_at IS NULL OR c.expires_at > now()) AND p.active AND 'email' = ANY (p.channels)
FROM consent_purposes AS p LEFT JOIN consents AS c
  ON c.subject_id = $1 AND c.purpose = p.code AND c.channel = 'email'
WHERE p.code = 'newsletter'
"""


class Bench:
    """One run."""

    def __init__(self, at: Postgres, database: Database) -> None:
        self._database = database
        self._reader = Reader(database, system_caller(TENANT, "bench"))
        self._processes = psutil.Process(), at.process
        self._samples = Samples()
        self._milliseconds: list[float] = []
        step = PEOPLE // QUESTIONS
        self._asked = [UUID(_md5(f"c{1 + number * step}")) for number in range(QUESTIONS)]

    async def run(self) -> list[Row]:
        """Measure; returns the row."""
        await self._ours()
        await self._theirs()
        self._samples = Samples()
        self._milliseconds.clear()
        await interleaved((self._ours, self._theirs))
        ours, theirs = self._samples["ours"], self._samples["theirs"]
        median = sorted(self._milliseconds)[len(self._milliseconds) // 2]
        return [
            Row(
                work=f"may I contact? one person of {PEOPLE:,}",
                beside="a statement by hand",
                value=self._samples.ratio("theirs", "ours"),
                must=0.40,
                goal=0.60,
                at_least=True,
                figures=f"CPU {ours:.0f} µs, {theirs:.0f} µs; p50 {median:.2f} ms",
            )
        ]

    async def _ours(self) -> None:
        with self._samples.cpu("ours", lambda: QUESTIONS, *self._processes):
            for person in self._asked:
                asked = MayContactMany(subjects=(person,), purpose="newsletter", channel=ContactMeans.EMAIL)
                started = time.perf_counter()
                (answer,) = (await service.may_contact(self._reader, asked)).items
                answer.model_dump_json()
                self._milliseconds.append((time.perf_counter() - started) * 1000)

    async def _theirs(self) -> None:
        with self._samples.cpu("theirs", lambda: QUESTIONS, *self._processes):
            for person in self._asked:
                async with self._database.read(TENANT) as connection:
                    await connection.fetchval(_BY_HAND, person)


def _md5(text: str) -> str:
    """As the database computes it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def _measure(at: Postgres) -> list[Row]:
    settle_in()
    async with opened(at, PACKAGE) as (database, admin):
        for statement in _ENTER:
            await admin.execute(statement, TENANT, PEOPLE)
        await admin.execute(_PURPOSE, TENANT)
        await admin.execute("VACUUM ANALYZE customers, consents, consent_purposes")
        return await Bench(at, database).run()


def rows() -> list[Row]:
    """The row of the table of performance."""
    with folder() as at, postgres(at, PACKAGE) as server:
        return uvloop.run(_measure(server))


if __name__ == "__main__":
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())
