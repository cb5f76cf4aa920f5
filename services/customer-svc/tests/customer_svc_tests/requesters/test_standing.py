"""Who was deactivated, or may do other things than when asking, does not do the rest of what was asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crm_contracts.identity.v1 import UserSnapshot, UserUpdated
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.waiting import until


async def tell(service: RunningService, who: Caller, *changed: str, at: datetime, active: bool = True) -> None:
    """What the gateway tells of a change of somebody's account."""
    state = UserSnapshot(
        id=who.id,
        version=2,
        created_at=at,
        created_by="user:1",
        updated_at=at,
        updated_by="user:1",
        email="li@acme.test",
        name="Li",
        team_id=None,
        roles=("viewer",),
        language="en",
        active=active,
    )
    await deliver(service, UserUpdated(state=state, changed=changed), tenant_id=who.tenant_id)


async def ask(service: RunningService, who: Caller, tag: str, ids: list[str]) -> str:
    """Let somebody begin long work; returns where it is."""
    async with service.as_(who) as client:
        body = {"change": {"action": "add_tags", "tags": [tag]}, "ids": ids}
        begun = await client.post("/v1/customers/bulk", json=body)
    assert begun.status_code == 202, begun.text
    return begun.headers["location"]


async def ended(service: RunningService, who: Caller, path: str) -> dict[str, Any]:
    last: dict[str, Any] = {}
    async with service.as_(who) as client:

        async def over() -> bool:
            last.update((await client.get(path)).json())
            return last["finished_at"] is not None

        await until(over)
    return last


async def test_only_who_may_still_do_it_does_the_rest(
    service: RunningService, agent: Caller, start_worker: StartWorker
) -> None:
    async with service.as_(agent) as client:
        made = await client.post("/v1/customers", json={"name": "远帆科技"})
        ids = [made.json()["id"]]
    now, soon = datetime.now(UTC), timedelta(minutes=1)
    people = {name: colleague(agent) for name in ("gone", "demoted", "renamed", "before", "back")}
    await tell(service, people["before"], "roles", at=now - soon)
    paths = {name: await ask(service, who, name, ids) for name, who in people.items()}
    await tell(service, people["gone"], "active", at=now + soon, active=False)
    await tell(service, people["demoted"], "roles", at=now + soon)
    await tell(service, people["renamed"], "name", at=now + soon)
    for _ in range(2):
        await tell(service, people["back"], "active", at=now - soon)
    await tell(service, people["back"], "active", at=now - 2 * soon, active=False)  # late, and out of date
    await start_worker(service)

    outcomes = {name: await ended(service, people[name], path) for name, path in paths.items()}

    refused = {name for name, told in outcomes.items() if told["status"] == "failed"}
    assert refused == {"gone", "demoted"}
    assert {outcomes[name]["problem"]["code"] for name in refused} == {"requester_gone"}
    assert {told["status"] for name, told in outcomes.items() if name not in refused} == {"succeeded"}
    ((tags,),) = await service.sql("SELECT tags FROM customers")
    assert set(tags) == {"renamed", "before", "back"}
