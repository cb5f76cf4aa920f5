"""P11: all processes are restarted one after the other under load: no request fails and no event is lost."""

from typing import Any

import pytest

from crm_platform.testing.waiting import until
from tests.promises.conftest import Scale, Tell
from tests.promises.load import Load
from tests.real_system import RealSystem

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

COPIES = ("sales_svc", "project_svc")
"""Services that keep a copy of the customers, from events."""


def rolling_order(system: RealSystem) -> list[str]:
    """Every process that there is but PostgreSQL."""
    apis = [one.name for one in system.topology.deployables]
    workers = [one.worker_name for one in system.topology.deployables]
    return [*apis, *workers, "broker"]


async def test_a_rolling_restart_under_load_fails_no_request_and_loses_no_event(
    system: RealSystem, scale: Scale, tell: Tell
) -> None:
    load = Load(system, scale.random("P11"))
    rounds, order = scale.of(1, 5), rolling_order(system)
    before = {name: system.process(name) for name in order}

    async with load.going_on():
        await until(lambda: done(load, 50), seconds=60)
        for number in range(rounds):
            await system.end_each(order)
            await until(lambda number=number: done(load, 50 * (number + 2)), seconds=60)  # type: ignore[misc]

    assert all(system.process(name) != victim for name, victim in before.items())
    assert load.failures == [], load.statuses
    await every_event_arrived(system, load)
    tell(
        f"P11 {rounds * len(order)} restarts ({rounds} × {len(order)} processes), {load.requests} requests "
        f"({len(load.names)} customers with all that follows), 0 failed, 0 events lost; the client knocked again "
        f"{load.knocks} times while the gateway itself was restarted"
    )


async def done(load: Load, customers: int) -> bool:
    return len(load.names) >= customers or bool(load.failures)


async def every_event_arrived(system: RealSystem, load: Load) -> None:
    """What was acknowledged is told of, published, and known to everybody who keeps a copy."""
    for package in {package for package, _ in load.versions}:
        rows = await system.rows(package, "SELECT aggregate_id, max(version) AS version FROM outbox GROUP BY 1")
        told = {row["aggregate_id"]: row["version"] for row in rows}
        acknowledged = {id: version for (of, id), version in load.versions.items() if of == package}
        assert {id: told.get(id) for id in acknowledged} == acknowledged

        async def published(package: str = package) -> bool:
            return not await system.rows(package, "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1")

        await until(published, seconds=120)
    for package in COPIES:

        async def equal(package: str = package) -> bool:
            return await known(system, package, load) == load.names

        await until(equal, seconds=120)


async def known(system: RealSystem, package: str, load: Load) -> dict[Any, str]:
    """The names of the load's customers as another service knows them."""
    statement = "SELECT id, name FROM known_customers WHERE id = ANY($1)"
    return {row["id"]: row["name"] for row in await system.rows(package, statement, list(load.names))}
