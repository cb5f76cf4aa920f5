"""What sealed personal data costs: the same record with and without, by the same service: `make bench B=sealing`.

Figures are CPU µs per request of application and database together, taken in turn in several rounds.
"""

import asyncio
import logging
from functools import partial
from uuid import uuid4

import asyncpg
import orjson
import psutil
import structlog
import uvloop

from bench import load, stage
from bench.measure import Row, Samples, interleaved, show
from bench.sealed_service import ddl
from crm_platform.testing.identity import TokenIssuer, caller

RECORDS = 2000
SECONDS = 1.0
KINDS = ("sealed", "clear")
NEW = {
    "name": "上海观心贸易有限公司",
    "industry": "retail",
    "employees": 120,
    "tags": ["vip", "华东"],
    "phone": "+8613912345678",
    "email": "wang.fang@example.com",
    "address": {"country": "CN", "province": "上海市", "city": "上海市", "street": "世纪大道 100 号"},
}
_LIMITS = (
    ("GET by id", "get", 1.25, 1.15),
    ("list of 50", "list", 1.5, 1.3),
    ("POST with event, audit", "post", 1.4, 1.25),
)


class Bench:
    """One run."""

    def __init__(self, api: psutil.Process, port: int, database: psutil.Process, token: str) -> None:
        self._processes = (api, database)
        self._port = port
        self._token = token
        self._samples = Samples()

    async def run(self) -> list[Row]:
        """Fill both tables, measure, return the rows."""
        requests: dict[str, load.Make] = {}
        for kind in KINDS:
            one = await self._fill(kind)
            path = f"/v1/{kind}-people"
            get, listing = (load.request(target, self._token) for target in (f"{path}/{one}", f"{path}?sort=id"))
            requests |= {
                f"get {kind}": partial(bytes, get),
                f"list {kind}": partial(bytes, listing),
                f"post {kind}": partial(self._new, kind),
            }
        await interleaved([partial(self._drive, name, make) for name, make in sorted(requests.items())])
        return [self._row(*limit) for limit in _LIMITS]

    async def _fill(self, kind: str) -> str:
        """Write records through the API; returns the id of one."""
        ids = [orjson.loads(await load.ask(self._port, self._new(kind)))["id"] for _ in range(RECORDS)]
        return str(ids[RECORDS // 2])

    def _new(self, kind: str) -> bytes:
        key, body = f"Idempotency-Key: {uuid4()}", orjson.dumps(NEW)
        return load.request(f"/v1/{kind}-people", self._token, method="POST", body=body, headers=(key,))

    async def _drive(self, name: str, make: load.Make) -> None:
        await load.drive(self._port, make, seconds=0.2)
        done: list[load.Outcome] = []
        with self._samples.cpu(name, lambda: done[0].count, *self._processes):
            done.append(await load.drive(self._port, make, seconds=SECONDS))

    def _row(self, work: str, name: str, must: float, goal: float) -> Row:
        found, sealed, clear = self._samples, f"{name} sealed", f"{name} clear"
        return Row(
            work=f"{work}, personal data sealed ÷ in the clear",
            beside="the same record without",
            value=found.ratio(sealed, clear),
            must=must,
            goal=goal,
            figures=f"CPU {found[sealed]:.0f} µs, {found[clear]:.0f} µs",
        )


async def _make_tables(url: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in ddl():
        await connection.execute(statement)
    await connection.close()


def rows() -> list[Row]:
    """Start, measure, stop."""
    with stage.folder() as folder, stage.postgres(folder, "customer_svc") as database:
        url, issuer = database.urls["customer_svc"], TokenIssuer(folder)
        asyncio.run(_make_tables(url))
        with stage.api("customer_svc", url, issuer, factory="bench.sealed_service:create_app") as (api, port):
            return uvloop.run(Bench(api, port, database.process, issuer.token(caller())).run())


def main() -> None:
    """Measure and print."""
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show(rows())


if __name__ == "__main__":
    main()
