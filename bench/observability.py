"""What logs, metrics and traces cost: `python -m bench.observability`.

CPU of the API process per GET, by what is switched on. Each variant is a process of its own on the same database, all
asked in turn. Traces go to a collector in this process, which throws them away.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack
from functools import partial

import orjson
import psutil
import structlog

from bench import load, stage
from bench.measure import Samples, interleaved
from crm_platform.testing.identity import TokenIssuer, caller
from crm_runtime.ports import free_ports

VARIANTS = {
    "no request log, no traces": {"CRM_LOG__REQUESTS": "false"},
    "as shipped (log on, traces off)": {},
    "log on, 1 % of traces": {"CRM_TRACE__SAMPLE_RATIO": "0.01"},
    "log on, every trace": {"CRM_TRACE__SAMPLE_RATIO": "1"},
}
SECONDS = 1.5
ROUNDS = 5


@contextlib.asynccontextmanager
async def collector(port: int) -> AsyncIterator[None]:
    """A collector that keeps nothing."""

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
                await reader.readexactly(int(length.partition(b":")[2]))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(collect, "127.0.0.1", port):
        yield


async def measure(apis: dict[str, tuple[psutil.Process, int]], token: str, collector_port: int) -> Samples:
    """Measure every variant."""
    samples = Samples()
    async with collector(collector_port):
        port = next(iter(apis.values()))[1]
        new = load.request("/v1/customers", token, method="POST", body=orjson.dumps({"name": "观心"}))
        customer = orjson.loads(await load.ask(port, new))["id"]
        get = load.request(f"/v1/customers/{customer}", token)

        async def one(name: str) -> None:
            process, port = apis[name]
            await load.drive(port, lambda: get, seconds=0.1)
            done: list[load.Outcome] = []
            with samples.cpu(name, lambda: done[0].count, process):
                done.append(await load.drive(port, lambda: get, seconds=SECONDS))

        await interleaved([partial(one, name) for name in VARIANTS], ROUNDS)
    return samples


def main() -> None:
    """Start, measure, print."""
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with ExitStack() as stack:
        folder = stack.enter_context(stage.folder())
        database = stack.enter_context(stage.postgres(folder, "customer_svc"))
        (port,) = free_ports(1)
        issuer = TokenIssuer(folder)
        shared = {"CRM_TRACE__OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}
        url = database.urls["customer_svc"]
        apis = {
            name: stack.enter_context(stage.api("customer_svc", url, issuer, {**shared, **variables}))
            for name, variables in VARIANTS.items()
        }
        samples = asyncio.run(measure(apis, issuer.token(caller()), port))
    first = next(iter(VARIANTS))
    print(f"{'GET one customer':<36}{'CPU µs':>8}{'ratio':>8}")
    for name in VARIANTS:
        print(f"{name:<36}{samples[name]:>8.0f}{samples.ratio(name, first):>8.2f}")


if __name__ == "__main__":
    main()
