"""What logs, metrics and traces cost: CPU of the API process per GET, by what is switched on.

    python bench/observability.py [--requests 3000]

Each variant is a process of its own on the same database; rounds are interleaved and the median counts, since the
machine may be shared. Traces go to a collector in this process, which throws them away.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psutil
from aiohttp import web

from crm_platform.db.migrations import upgrade
from crm_platform.testing.identity import ISSUER, TokenIssuer, caller
from crm_runtime.bootstrap import Owner, bootstrap, role_url
from crm_runtime.ports import free_ports
from crm_runtime.postgres import EmbeddedPostgres
from crm_runtime.postgres_config import PostgresOptions

VARIANTS = {
    "no request log, no traces": {"CRM_LOG__REQUESTS": "false"},
    "as shipped (log on, traces off)": {},
    "log on, 1 % of traces": {"CRM_TRACE__SAMPLE_RATIO": "0.01"},
    "log on, every trace": {"CRM_TRACE__SAMPLE_RATIO": "1"},
}
ROUNDS = 5
CONNECTIONS = 8


async def collect(_: web.Request) -> web.Response:
    """A collector that keeps nothing."""
    return web.Response()


@contextlib.asynccontextmanager
async def database() -> AsyncIterator[str]:
    """An embedded PostgreSQL with customer-svc's schema."""
    folder = Path(tempfile.mkdtemp(prefix="crm-bench-"))
    folder.chmod(0o711)
    (port,) = free_ports(1)
    options = PostgresOptions(port=port, max_connections=80, durable=True)
    postgres = EmbeddedPostgres.at(
        folder / "postgres", options, admin_password=secrets.token_urlsafe(16), log_file=folder / "postgres.log"
    )
    owner = Owner("customer_svc", secrets.token_urlsafe(16))
    try:
        await postgres.start()
        await bootstrap(postgres.admin_url, [owner])
        url = role_url(postgres.admin_url, owner)
        await asyncio.to_thread(upgrade, "customer_svc", url)
        yield url
    finally:
        await postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def collector() -> AsyncIterator[int]:
    """The port of a collector."""
    app = web.Application()
    app.router.add_post("/v1/traces", collect)
    runner = web.AppRunner(app)
    await runner.setup()
    (port,) = free_ports(1)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield port
    finally:
        await runner.cleanup()


async def start(variables: dict[str, str], port: int) -> asyncio.subprocess.Process:
    """Start one variant of the API and wait until it answers."""
    command = (sys.executable, "-m", "crm_platform.serve", "customer_svc.main:create_app")
    environment = {**os.environ, **variables, "CRM_HTTP__PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                    if answer.status == 200:
                        return process
            await asyncio.sleep(0.1)
    raise TimeoutError("the API does not answer")


async def measure(process: asyncio.subprocess.Process, url: str, token: str, requests: int) -> float:
    """CPU of the process per request, in microseconds."""
    watched = psutil.Process(process.pid)
    headers = {"authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:

        async def some(count: int) -> None:
            for _ in range(count):
                async with session.get(url) as answer:
                    assert answer.status == 200, await answer.text()
                    await answer.read()

        await some(50)
        before = watched.cpu_times()
        await asyncio.gather(*(some(requests // CONNECTIONS) for _ in range(CONNECTIONS)))
        after = watched.cpu_times()
    used = after.user + after.system - before.user - before.system
    return used / (requests // CONNECTIONS * CONNECTIONS) * 1e6


async def main(requests: int) -> None:
    """Measure every variant in interleaved rounds and print the medians."""
    agent = caller()
    with tempfile.TemporaryDirectory() as keys:
        issuer = TokenIssuer(Path(keys))
        token = issuer.token(agent)
        async with database() as url, collector() as port:
            shared = {
                "CRM_SERVICE": "customer-svc",
                "CRM_DB__URL": url,
                "CRM_AUTH__ISSUER": ISSUER,
                "CRM_AUTH__JWKS_URL": issuer.settings.jwks_url,
                "CRM_TRACE__OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                "CRM_LIMITS__REQUESTS_PER_MINUTE": "100000000",
            }
            ports = dict(zip(VARIANTS, free_ports(len(VARIANTS)), strict=True))
            processes = {name: await start({**shared, **VARIANTS[name]}, ports[name]) for name in VARIANTS}
            try:
                first = f"http://127.0.0.1:{next(iter(ports.values()))}/v1/customers"
                headers = {"authorization": f"Bearer {token}"}
                async with (
                    aiohttp.ClientSession(headers=headers) as session,
                    session.post(first, json={"name": "观心"}) as answer,
                ):
                    customer = json.loads(await answer.text())["id"]
                figures: dict[str, list[float]] = {name: [] for name in VARIANTS}
                for _ in range(ROUNDS):
                    for name, process in processes.items():
                        address = f"http://127.0.0.1:{ports[name]}/v1/customers/{customer}"
                        figures[name].append(await measure(process, address, token, requests))
            finally:
                for process in processes.values():
                    process.terminate()
                await asyncio.gather(*(process.wait() for process in processes.values()))
    bare = statistics.median(figures[next(iter(VARIANTS))])
    print(f"{'GET one customer':<36}{'CPU µs':>8}{'ratio':>8}")
    for name, values in figures.items():
        median = statistics.median(values)
        print(f"{name:<36}{median:>8.0f}{median / bare:>8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000)
    asyncio.run(main(parser.parse_args().requests))
