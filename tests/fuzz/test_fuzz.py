"""No request that can be made of the OpenAPI documents, nor any near them, makes a service fail or break its word."""

import asyncio
import os
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from tests.fuzz.bridge import Bridge
from tests.fuzz.engine import Effort, Findings, run
from tests.world.operations import GATEWAY, SERVICES, operations_of
from tests.world.working import working
from tests.world.worlds import World

LONG = bool(os.environ.get("EXAMPLES"))
EXAMPLES = int(os.environ.get("EXAMPLES") or 4)
SEED = int(os.environ.get("SEED") or 20260301)
OPERATIONS = 40
"""As many are covered completely in a minute; of services with more, the short form tries a part of each."""

DOCUMENTS = {GATEWAY: "/openapi/gateway.json"}


def effort_for(service: str) -> Effort:
    """How much is tried: without EXAMPLES about a minute's worth."""
    stride = 1 if LONG else -(-len(list(operations_of(service))) // OPERATIONS)
    return Effort(seed=SEED, examples=EXAMPLES, chains=EXAMPLES * 2, stride=stride)


def again() -> str:
    """How to make the same requests once more."""
    return f"make fuzz SEED={SEED}" + (f" EXAMPLES={EXAMPLES}" if LONG else "")


def report(findings: Findings) -> str:
    """Everything that was found, and how to have it again."""
    found = [f"\n{operation}: {kind}\n{text}" for (operation, kind), text in sorted(findings.failures.items())]
    return "\n".join([f"{len(found)} findings; again by: {again()}", *found, *findings.errors])


@pytest.mark.timeout(7200 if LONG else 600)
@pytest.mark.parametrize("service", [*SERVICES, GATEWAY])
async def test_a_service_keeps_its_word(
    world_of: Any, service: str, record_property: Callable[[str, object], None]
) -> None:
    world: World = await world_of(service)
    known: dict[str, str] = {}
    for operation in operations_of(service):
        if operation.parameter is not None and operation.parameter not in known:
            record = await world.make(operation.collection)
            known |= {name: value for name, value in record.items() if name.endswith("_id") and value}
            known[operation.parameter] = record["id"]
    app = Bridge(world.running.app, asyncio.get_running_loop())
    token = world.sign(world.people.owner)

    document = DOCUMENTS.get(service, "/openapi.json")
    async with nullcontext() if service == GATEWAY else working(world):
        findings = await asyncio.to_thread(run, app, document, token, effort_for(service), known)

    figures = {"operations": len(findings.operations), **findings.cases, "findings": len(findings.failures)}
    record_property("fuzz", f"{service}: {figures}, statuses {dict(sorted(findings.statuses.items()))}; {again()}")
    if findings.failures or findings.errors:
        pytest.fail(report(findings), pytrace=False)
    assert findings.operations >= {f"{one.method} {one.path}" for one in operations_of(service)}
    assert min(findings.cases["coverage"], findings.cases["fuzzing"]) > 0
    if any(one.method == "POST" and one.status == 201 for one in operations_of(service)):
        assert findings.cases["stateful"] > 0
        assert findings.statuses[201] > 0
