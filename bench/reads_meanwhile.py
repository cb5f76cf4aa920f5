"""How long plain reads of a project take while something long is computed: `make bench B=reads_meanwhile`.

project-svc runs as in production, one API process and one worker, with a project as large as those of PSPLIB's J120.
One client reads the project, one request at a time: in turn alone, beside an optimisation of the project's schedule,
beside a simulation of it, beside another client who asks what if without a pause, and beside a program that burns one
core and has nothing to do with us. What that program costs the reads, no way of computing beside them can spare.
Reads count from when the operation is seen to run until it is seen to have ended.
"""

import asyncio
import logging
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson
import structlog
import uvloop

from bench import load, stage
from bench.measure import Measure, Row, Samples, interleaved, show
from crm_platform.ids import new_id
from crm_platform.testing.identity import TokenIssuer, caller
from crm_platform.testing.waiting import until

PACKAGE = "project_svc"
TASKS, MACHINES, DAY = 120, 4, 480
ROUNDS = 5
SECONDS = 3.0
"""How long to read beside what has no end of its own."""
PORTION = 0.5
"""Seconds of reading between two looks at what runs beside."""
LEAST = 200
"""Reads of one round under which there is no p99 to speak of."""
EFFORT = 2
ITERATIONS = 100_000
OVER = {"succeeded", "failed", "cancelled"}
_KNOWN = "INSERT INTO known_customers (tenant_id, id, version, name) VALUES ($1, $2, 1, '上海观心科技有限公司')"
_BURN = "while True: pass"

Going = Callable[[], Awaitable[bool]]


class Company(NamedTuple):
    """Whoever asks, and of what."""

    port: int
    token: str
    project: UUID

    def request(self, path: str, body: Any = None, *, method: str = "POST", match: str | None = None) -> bytes:
        """A request under the project; without a body a GET."""
        path = f"/v1/projects/{self.project}{path}"
        if body is None:
            return load.request(path, self.token)
        headers = () if match is None else (f'If-Match: "{match}"',)
        return load.request(path, self.token, method=method, body=orjson.dumps(body), headers=headers)

    async def ask(self, *of: Any, **more: Any) -> Any:
        """The JSON of an answer."""
        return orjson.loads(await load.ask(self.port, self.request(*of, **more)))

    async def operation(self, id: str) -> dict[str, Any]:
        """How an operation stands."""
        request = load.request(f"/v1/project-operations/{id}", self.token)
        return dict(orjson.loads(await load.ask(self.port, request)))


@dataclass(frozen=True, slots=True)
class Beside:
    """What runs beside the reads, with the limits of what it may make of them: p50 and p99, must and goal."""

    name: str
    work: str
    p50: tuple[float, float]
    p99: tuple[float, float]


BESIDE = (
    Beside("optimisation", f"an optimisation of {TASKS} tasks", (2.0, 1.3), (10.0, 2.0)),
    Beside("simulation", f"a simulation of {TASKS} tasks, {ITERATIONS:,} iterations", (2.0, 1.3), (10.0, 2.0)),
    Beside("what-if", f"what-ifs of {TASKS} tasks, one after the other", (10.0, 3.0), (10.0, 5.0)),
)
"""An operation computes in a process of its own; a what-if in its request, by a thread of the process that answers the
reads. Where a computation held the event loop, the slowest read would take as long as the computation: a p99 a thousand
times that of reads alone."""


class Bench:
    """One run."""

    def __init__(self, at: Company) -> None:
        self._at = at
        self._read = at.request("")
        self._samples = Samples()
        self._counts: dict[str, int] = {}

    async def run(self) -> list[Row]:
        """Measure; returns the rows."""
        measures: tuple[Measure, ...] = (
            lambda: self._reads("alone", _for(SECONDS)),
            lambda: self._operation("optimisation", "/schedule/optimise", {"effort": EFFORT}),
            lambda: self._operation("simulation", "/risk-simulations", _simulation()),
            self._what_if,
            self._burner,
        )
        # The first of each starts processes, imports and fills caches.
        await interleaved(measures, rounds=1)
        self._samples, self._counts = Samples(), {}
        await interleaved(measures, rounds=ROUNDS)
        return [row for beside in BESIDE for row in self._rows(beside)]

    def _rows(self, beside: Beside) -> Iterator[Row]:
        for point, (must, goal) in (("p50", beside.p50), ("p99", beside.p99)):
            ours, alone, burner = (f"{name} {point}" for name in (beside.name, "alone", "burner"))
            found = self._samples
            yield Row(
                work=f"{point} of GET a project beside {beside.work}",
                beside="the same reads alone",
                value=found.ratio(ours, alone),
                must=must,
                goal=goal,
                figures=f"wall; {found[ours] / 1000:.2f} ms of {self._counts[beside.name]:,} reads, alone "
                f"{found[alone] / 1000:.2f} ms of {self._counts['alone']:,}; beside a program that burns a core "
                f"{found.ratio(burner, alone):.2f}; slowest of a round {found[f'{beside.name} slowest'] / 1000:.1f} ms",
            )

    async def _reads(self, name: str, going: Going) -> None:
        """Read for as long as it goes on beside; the portion in which that ended does not count."""
        times: list[float] = []
        while True:
            portion = await load.drive(self._at.port, lambda: self._read, seconds=PORTION, connections=1)
            if not await going():
                break
            times += portion.times
        assert len(times) >= LEAST, f"only {len(times)} reads beside {name}"
        outcome = load.Outcome(times, sum(times))
        self._samples.add(f"{name} p50", outcome.p50)
        self._samples.add(f"{name} p99", outcome.p99)
        self._samples.add(f"{name} slowest", max(times) * 1e6)
        self._counts[name] = self._counts.get(name, 0) + outcome.count

    async def _operation(self, name: str, path: str, body: dict[str, Any]) -> None:
        id = (await self._at.ask(path, body))["id"]

        async def going() -> bool:
            return (await self._at.operation(id))["status"] not in OVER

        async def runs() -> bool:
            return (await self._at.operation(id))["status"] in {"running", *OVER}

        await until(runs)
        await self._reads(name, going)
        ended = await self._at.operation(id)
        assert ended["status"] == "succeeded", ended

    async def _what_if(self) -> None:
        async with self._trying():
            await self._reads("what-if", _for(SECONDS))

    @asynccontextmanager
    async def _trying(self) -> AsyncIterator[None]:
        """Another client who asks what another task would do, until the end of the block."""
        stop = asyncio.Event()

        async def go() -> None:
            while not stop.is_set():
                edit = {"tasks": [{"key": "more", "name": "加一项工作", "duration": DAY}]}
                assert len((await self._at.ask("/schedule/what-if", edit))["added"]) == 1

        trying = asyncio.create_task(go())
        try:
            yield
        finally:
            stop.set()
            await trying

    async def _burner(self) -> None:
        with _burning():
            await self._reads("burner", _for(SECONDS))


def _for(seconds: float) -> Going:
    """Goes on for so long."""
    end = time.perf_counter() + seconds

    async def going() -> bool:
        return time.perf_counter() < end

    return going


@contextmanager
def _burning() -> Iterator[None]:
    """A program that needs one core, until the end of the block."""
    process = subprocess.Popen((sys.executable, "-c", _BURN))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _simulation() -> dict[str, Any]:
    return {"iterations": ITERATIONS, "spread_percent": 30, "task_correlation": 0.3}


async def _fill(database: stage.Postgres, port: int, token: str, tenant: UUID) -> Company:
    """Open the project and plan it."""
    customer = new_id()
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(f"SET search_path TO {PACKAGE}")
    await admin.execute(_KNOWN, tenant, customer)
    await admin.close()
    body = {"customer_id": str(customer), "name": "智慧园区", "starts_on": "2026-03-02", "due_on": "2030-12-31"}
    opened = load.request("/v1/projects", token, method="POST", body=orjson.dumps(body))
    company = Company(port, token, UUID(orjson.loads(await load.ask(port, opened))["id"]))
    machines = [await _machine(company, name) for name in ("起重机", "叉车", "检测台", "服务器")]
    planned = await company.ask("/plan", {"tasks": _tasks(machines)}, method="PATCH", match="0")
    assert len(planned["keys"]) == TASKS
    return company


async def _machine(company: Company, name: str) -> str:
    """Twelve machines of a kind."""
    body = {"name": name, "kind": "equipment", "capacity": [{"since": "2026-01-01", "units": 1200}]}
    made = load.request("/v1/resources", company.token, method="POST", body=orjson.dumps(body))
    return str(orjson.loads(await load.ask(company.port, made))["id"])


def _tasks(machines: list[str]) -> list[dict[str, Any]]:
    """As J120 is made: 1 to 10 days, up to three that each waits for, 1 to 10 units of two of four resources."""
    chance = random.Random(1)  # noqa: S311 - a benchmark that repeats
    return [
        {
            "key": str(place),
            "name": f"工作 {place}",
            "duration": DAY * chance.randint(1, 10),
            "predecessors": [{"task": str(one)} for one in _befores(place, chance)],
            "assignments": [
                {"resource_id": machine, "units": 100 * chance.randint(1, 10)}
                for machine in chance.sample(machines, MACHINES // 2)
            ],
        }
        for place in range(TASKS)
    ]


def _befores(place: int, chance: random.Random) -> list[int]:
    near = range(max(0, place - 20), place)
    return sorted(chance.sample(near, min(len(near), chance.randint(1, 3))))


def rows() -> list[Row]:
    """Start, measure, stop."""
    with stage.folder() as at, stage.postgres(at, PACKAGE) as database, stage.broker(at) as kafka:
        issuer, user = TokenIssuer(at), caller()
        token, url = issuer.token(user), database.urls[PACKAGE]
        with stage.api(PACKAGE, url, issuer) as (_, port), stage.worker(PACKAGE, url, kafka, at):
            return uvloop.run(_measure(database, port, token, user.tenant_id))


async def _measure(database: stage.Postgres, port: int, token: str, tenant: UUID) -> list[Row]:
    return await Bench(await _fill(database, port, token, tenant)).run()


if __name__ == "__main__":
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())
