"""Reads and writes of a real service beside the same SQL through pgbench: `make bench B=service`.

customer-svc runs as in production on a PostgreSQL with 100,500 customers of one tenant, everything on: token check,
row-level security, metrics, log, audit, events, idempotency. Figures are CPU µs per request of application and
database together (of pgbench and database for the limit); where a row says p50, it is the median time of an answer with
one request at a time. All are taken in turn, in several rounds.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import psutil
import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.responses import Response

from bench import load, stage
from bench.gateway_cost import gateway_process
from bench.measure import Row, Samples, cpu_seconds, interleaved, show
from bench.statements import Script, overheard, plain_inserts
from crm_platform.context import Caller
from crm_platform.reads.page import PageParams
from crm_platform.reads.reader import Reader
from crm_platform.testing.identity import TokenIssuer, caller
from crm_runtime.ports import free_ports
from customer_svc.customers.models import CUSTOMERS

CUSTOMERS_IN_TENANT = 100_500
DEPTH = 100_000
SECONDS = 1.0
LIST = "/v1/customers?filter=status%20%3D%3D%20%22active%22&sort=name"
ENTRY = "/v1/customers?allow_duplicates=true"
"""All that are entered are alike; what looking for duplicates costs has rows of its own."""
LIST_QUERY = {"filter": 'status == "active"', "sort": "name"}
NEW = {
    "name": "上海观心贸易有限公司",
    "kind": "company",
    "industry": "retail",
    "employees": 120,
    "tags": ["vip", "华东"],
}
_FILL = """
INSERT INTO customer_svc.customers
SELECT (jsonb_populate_record(c, jsonb_build_object(
    'id', uuidv7(), 'sealed', NULL, 'name', '客户 ' || n, 'name_key', md5(n::text),
    'created_at', now() - n * interval '1 s',
    'status', (ARRAY['active', 'active', 'prospect', 'dormant'])[1 + n % 4]))).*
FROM customer_svc.customers c, generate_series(1, $1::int) n
"""


def serve_bare(url: str, statement: str, tenant: str, port: int) -> None:
    """The same GET without all that is always on: a FastAPI route, asyncpg, the same SQL, the bytes."""
    app = FastAPI(openapi_url=None)
    pools: list[Any] = []

    @app.get("/v1/customers/{customer_id}")
    async def get_customer(customer_id: UUID) -> Response:
        if not pools:
            pools.append(
                await asyncpg.create_pool(
                    url, min_size=10, max_size=10, reset=_nothing, server_settings={"crm.tenant_id": tenant}
                )
            )
        row = await pools[0].fetchrow(statement, customer_id)
        return Response(row[0], media_type="application/json", headers={"etag": f'"{row[1]}"'})

    uvicorn.run(app, port=port, http="httptools", loop="uvloop", access_log=False, log_config=None)


async def _nothing(_: object) -> None:
    """Leave the session as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that is measured, running."""

    database: stage.Postgres
    folder: Path
    agent: Caller
    token: str
    api: psutil.Process
    api_port: int
    bare: psutil.Process
    bare_port: int
    gateway_port: int
    customer: str
    get: Script
    listing: Script
    post: Script

    @property
    def url(self) -> str:
        """Login URL of the service's role."""
        return self.database.urls["customer_svc"]


class Bench:
    """One run."""

    def __init__(self, on: Stage, cursor: str) -> None:
        self._on = on
        self._samples = Samples()
        self._get = load.request(f"/v1/customers/{on.customer}", on.token)
        self._through = load.request(f"/api/v1/customers/{on.customer}", on.token)
        self._list, self._first = (load.request(path, on.token) for path in (LIST, "/v1/customers"))
        self._deep = load.request(f"/v1/customers?cursor={cursor}", on.token)

    async def run(self) -> list[Row]:
        """Measure; returns the rows."""
        on = self._on
        await interleaved(
            (
                lambda: self._service("get", self._get),
                lambda: self._pgbench("get limit", on.get, 1500),
                lambda: self._drive("get bare", on.bare, on.bare_port, lambda: self._get),
                lambda: self._service("list", self._list),
                lambda: self._pgbench("list limit", on.listing, 250),
                lambda: self._drive("post", on.api, on.api_port, self._new_customer),
                lambda: self._pgbench("post limit", on.post, 250),
                lambda: self._service("page 1", self._first),
                lambda: self._service("page deep", self._deep),
                lambda: self._alone("direct", on.api_port, self._get),
                lambda: self._alone("through", on.gateway_port, self._through),
            )
        )
        return self._rows()

    def _rows(self) -> list[Row]:
        found = self._samples

        def both(one: str, two: str) -> str:
            return f"CPU {found[one]:.0f} µs, {found[two]:.0f} µs"

        limits = (
            ("GET by id", "get", "the same SQL through pgbench", 0.10, 0.18),
            ("list of 50, filtered, sorted", "list", "the same SQL through pgbench", 0.15, 0.25),
            ("POST with event, audit, idempotency key", "post", "pgbench BEGIN + INSERTs + COMMIT", 0.30, 0.50),
        )
        rows = [
            Row(
                work=work,
                beside=beside,
                value=found.ratio(f"{name} limit", name),
                must=must,
                goal=goal,
                at_least=True,
                figures=both(name, f"{name} limit"),
            )
            for work, name, beside, must, goal in limits
        ]
        ratios = (
            ("everything on ÷ bare endpoint", "the same GET", "get", "get bare", 1.5, 1.25),
            (f"page at depth {DEPTH:,} ÷ page 1", "itself", "page deep", "page 1", 2.0, 1.3),
        )
        rows += [
            Row(work=work, beside=beside, value=found.ratio(a, b), must=must, goal=goal, figures=both(a, b))
            for work, beside, a, b, must, goal in ratios
        ]
        through, direct = found["through"], found["direct"]
        rows.append(
            Row(
                work="p50 through the gateway ÷ direct",
                beside="the service",
                value=found.ratio("through", "direct"),
                must=2.2,
                goal=1.8,
                figures=f"p50 {through:.0f} µs, {direct:.0f} µs",
            )
        )
        return rows

    async def _service(self, name: str, request: bytes) -> None:
        await self._drive(name, self._on.api, self._on.api_port, lambda: request)

    async def _drive(self, name: str, process: psutil.Process, port: int, make: load.Make) -> None:
        await load.drive(port, make, seconds=0.1)
        done: list[load.Outcome] = []
        with self._samples.cpu(name, lambda: done[0].count, process, self._on.database.process):
            done.append(await load.drive(port, make, seconds=SECONDS))

    async def _pgbench(self, name: str, script: Script, transactions: int) -> None:
        # What it takes to connect is measured by a run of one transaction each, and left out.
        connect, whole = [await self._cpu_of_pgbench(script, count) for count in (1, transactions + 1)]
        self._samples.add(name, (whole - connect) / (transactions * stage.CLIENTS) * 1e6)

    async def _cpu_of_pgbench(self, script: Script, transactions: int) -> float:
        on, tenant = self._on, str(self._on.agent.tenant_id)
        before = cpu_seconds(on.database.process)
        own = await asyncio.to_thread(
            stage.pgbench, on.url, script.file, script.variables, transactions=transactions, tenant=tenant
        )
        return own + cpu_seconds(on.database.process) - before

    async def _alone(self, name: str, port: int, request: bytes) -> None:
        await load.drive(port, lambda: request, seconds=0.1, connections=1)
        outcome = await load.drive(port, lambda: request, seconds=SECONDS, connections=1)
        self._samples.add(name, outcome.p50)

    def _new_customer(self) -> bytes:
        key = f"Idempotency-Key: {uuid4()}"
        return load.request(ENTRY, self._on.token, method="POST", body=orjson.dumps(NEW), headers=(key,))


async def _fill(database: stage.Postgres, port: int, token: str) -> str:
    """Write one customer through the API and make many of it; returns its id."""
    body = orjson.dumps(NEW)
    new = load.request("/v1/customers", token, method="POST", body=body, headers=("Idempotency-Key: first",))
    customer: str = orjson.loads(await load.ask(port, new))["id"]
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(_FILL, CUSTOMERS_IN_TENANT, timeout=180)
    await admin.execute("VACUUM ANALYZE customer_svc.customers")
    await admin.execute("CHECKPOINT")
    await admin.close()
    return customer


async def _deep_cursor(url: str, agent: Caller) -> str:
    """The cursor of the page that begins after the first 100,000 customers."""
    params = PageParams.parse({}, CUSTOMERS.resource, max_limit=100)
    connection = await asyncpg.connect(url, server_settings={"crm.tenant_id": str(agent.tenant_id), "timezone": "UTC"})
    row = await connection.fetchrow(
        "SELECT created_at, id FROM customers ORDER BY created_at DESC, id DESC OFFSET $1 LIMIT 1", DEPTH - 1
    )
    await connection.close()
    return params.cursor_after(tuple(row))


@contextmanager
def staged() -> Iterator[Stage]:
    """Start everything."""
    with ExitStack() as stack:
        folder = stack.enter_context(stage.folder())
        database = stack.enter_context(stage.postgres(folder, "customer_svc"))
        url = database.urls["customer_svc"]
        issuer, agent = TokenIssuer(folder), caller()
        token = issuer.token(agent)
        api, api_port = stack.enter_context(stage.api("customer_svc", url, issuer))
        customer = asyncio.run(_fill(database, api_port, token))
        resource, params = CUSTOMERS.resource, PageParams.parse(LIST_QUERY, CUSTOMERS.resource, max_limit=100)
        get = asyncio.run(overheard(url, lambda on: Reader(on, agent).get(resource, UUID(customer))))
        listing = asyncio.run(overheard(url, lambda on: Reader(on, agent).page(resource, params)))
        tenant = str(agent.tenant_id)
        post = asyncio.run(plain_inserts(database.admin_url, "customer_svc", tenant, folder / "post.sql"))
        (bare_port,) = free_ports(1)
        bare = [sys.executable, "-m", "bench.service", "--bare", url, get.text, tenant, str(bare_port)]
        yield Stage(
            database=database,
            folder=folder,
            agent=agent,
            token=token,
            api=api,
            api_port=api_port,
            bare=stack.enter_context(stage.started(bare, bare_port)),
            bare_port=bare_port,
            gateway_port=stack.enter_context(gateway_process(api_port, issuer))[1],
            customer=customer,
            get=get.script(folder / "get.sql"),
            listing=listing.script(folder / "list.sql"),
            post=post,
        )


def rows() -> list[Row]:
    """Start, measure, stop."""
    with staged() as on:
        cursor = asyncio.run(_deep_cursor(on.url, on.agent))
        return uvloop.run(Bench(on, cursor).run())


def main() -> None:
    """Measure and print, or be the bare endpoint."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--bare", nargs=4, help=argparse.SUPPRESS)
    bare = parser.parse_args().bare
    if bare:
        serve_bare(bare[0], bare[1], bare[2], int(bare[3]))
        return
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())


if __name__ == "__main__":
    main()
