"""Optimisation as an operation: its result, what it leaves alone, cancelling, and a worker that ends meanwhile."""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from crm_platform.http.middleware import DEADLINE_HEADER
from crm_platform.settings import KafkaSettings
from crm_platform.testing.events import working
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.testing.waiting import until
from crm_platform.worker import Worker
from project_svc.slices import SERVICE
from project_svc_tests.plan.support import DAY, Planner, work

LONG = 120
READS = 100
DEADLINE = "5000"
"""Milliseconds that a read may take: a small part of the effort of a long search, and far more than a read needs."""


@pytest.fixture(scope="module")
async def shared(start_shared_service: StartService, kafka_bootstrap: str, passing_topics: str) -> RunningService:
    kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=passing_topics)
    return await start_shared_service(SERVICE, kafka=kafka)


@pytest.fixture
async def worker(shared: RunningService) -> AsyncIterator[None]:
    async with working(Worker(shared.service, shared.settings)):
        yield


async def scarce(planner: Planner, number: int) -> dict[str, str]:
    """Tasks of 1 to 5 days, some in chains, which all want one of two experts."""
    people = []
    for name in ("王芳", "李雷"):
        made = await planner.api.post("/v1/resources", json={"name": name, "kind": "person"})
        people.append(made.json()["id"])
    tasks: list[dict[str, Any]] = []
    for place in range(number):
        after = [str(place - 3)] if place % 4 == 3 else []
        days = 1 + place * 7 % 5
        tasks.append(work(str(place), *after, days=days, assignments=[{"resource_id": people[place * 5 % 3 % 2]}]))
    return await planner.put(*tasks)


async def hard(planner: Planner, number: int) -> None:
    """Tasks of 1 to 9 days, in chains, which share two teams in such parts that no order is soon proven the best."""
    teams = []
    for name in ("实施组", "数据组"):
        made = await planner.api.post("/v1/resources", json={"name": name, "kind": "person"})
        teams.append(made.json()["id"])
    tasks: list[dict[str, Any]] = []
    for place in range(number):
        parts = (20 + place * 37 % 50, 20 + place * 53 % 50)
        shared = [{"resource_id": team, "units": part} for team, part in zip(teams, parts, strict=True)]
        after = [str(place - 5)] if place % 3 else []
        tasks.append(
            work(str(place), *(one for one in after if int(one) >= 0), days=1 + place * 7 % 9, assignments=shared)
        )
    await planner.put(*tasks)


async def begun(planner: Planner, effort: int) -> str:
    answer = await planner.api.post(f"/v1/projects/{planner.project_id}/schedule/optimise", json={"effort": effort})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


async def ended(planner: Planner, location: str) -> dict[str, Any]:
    async def over() -> dict[str, Any] | None:
        found = (await planner.api.get(location)).json()
        return dict(found) if found["finished_at"] is not None else None

    return await until(over, seconds=90)


async def searching(planner: Planner, location: str, *, done: int = 0) -> None:
    """Waits until the search as such has begun, and tells that so many per cent are done."""

    async def searches() -> bool:
        found = (await planner.api.get(location)).json()
        far = found["progress"]
        return bool(found["status"] == "running" and far["total"] == 100 and far["done"] >= done)

    await until(searches, seconds=90)


@pytest.mark.usefixtures("worker")
async def test_the_shortest_schedule_is_found_proven_and_kept(planner: Planner) -> None:
    path = f"/v1/projects/{planner.project_id}"
    ids = await scarce(planner, 9)
    before = await planner.told()

    done = await ended(planner, await begun(planner, 2))

    assert (done["status"], done["result"]["gap"], done["result"]["ended"]) == ("succeeded", 0.0, "optimal")
    found = (await planner.api.get(f"{path}/optimised-schedule")).json()
    assert (found["makespan"], found["lower_bound"], found["exact"]) == (
        done["result"]["lower_bound"],
        done["result"]["makespan"],
        True,
    )
    assert found["finishes_at"] <= found["by_priority_rule"]
    assert {task["task_id"] for task in found["tasks"]} == set(ids.values())
    assert no_two_at_once(await planner.plan(), found)
    assert (found["is_current"], await planner.told()) == (True, before)
    await planner.edit(tasks=[{"id": ids["0"], "duration": 2 * DAY}])
    assert (await planner.api.get(f"{path}/optimised-schedule")).json()["is_current"] is False


def no_two_at_once(plan: dict[str, Any], schedule: dict[str, Any]) -> bool:
    """Whether nobody works on two tasks at a time."""
    dates = {task["task_id"]: (task["start"], task["finish"]) for task in schedule["tasks"]}
    busy: dict[str, list[tuple[str, str]]] = {}
    for task in plan["tasks"]:
        busy.setdefault(task["assignments"][0]["resource_id"], []).append(dates[task["id"]])
    return all(earlier[1] <= later[0] for spans in busy.values() for earlier, later in pairwise(sorted(spans)))


@pytest.mark.usefixtures("worker")
async def test_reads_answer_while_a_search_runs_and_a_cancel_ends_it(planner: Planner) -> None:
    """API and worker share the event loop of this test: a search on it would outlast the deadline many times over."""
    await hard(planner, 90)
    path = f"/v1/projects/{planner.project_id}"
    project = (await planner.api.get(path)).json()
    location = await begun(planner, LONG)
    await searching(planner, location, done=1)

    reads = [await planner.api.get(path, headers={DEADLINE_HEADER: DEADLINE}) for _ in range(READS)]

    search = (await planner.api.get(location)).json()
    assert [(read.status_code, read.json()) for read in reads] == [(200, project)] * READS
    assert (search["status"], 0 < search["progress"]["done"] < 100) == ("running", True)
    await planner.api.post(f"{location}/cancel", json={})
    assert (await ended(planner, location))["status"] == "cancelled"
    kept = await planner.api.get(f"{path}/optimised-schedule")
    assert (kept.status_code, kept.json()["code"]) == (404, "not_found")


async def test_a_search_goes_on_with_another_worker(shared: RunningService, planner: Planner) -> None:
    await scarce(planner, 24)
    async with working(Worker(shared.service, shared.settings)):
        location = await begun(planner, 4)
        await searching(planner, location)

    async with working(Worker(shared.service, shared.settings)):
        done = await ended(planner, location)

    assert done["status"] == "succeeded"
    assert (await planner.api.get(f"/v1/projects/{planner.project_id}/optimised-schedule")).status_code == 200


@pytest.mark.usefixtures("worker")
async def test_a_search_that_leaves_the_calendar_says_so(planner: Planner) -> None:
    made = await planner.api.post("/v1/resources", json={"name": "王芳", "kind": "person"})
    alone = [{"resource_id": made.json()["id"]}]
    await planner.put(*(work(str(place), days=10_000, assignments=alone) for place in range(7)))

    failed = await ended(planner, await begun(planner, 1))

    assert (failed["status"], failed["problem"]["code"]) == ("failed", "plan_out_of_calendar")
    assert "1950" in failed["problem"]["detail"]
    assert (await planner.api.get(f"/v1/projects/{planner.project_id}/optimised-schedule")).status_code == 404


async def test_without_people_there_is_nothing_to_optimise(planner: Planner) -> None:
    await planner.put(work("a"))

    answer = await planner.api.post(f"/v1/projects/{planner.project_id}/schedule/optimise", json={})

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_optimise")
    assert await planner.service.sql("SELECT 1 FROM operations WHERE tenant_id = $1", planner.who.tenant_id) == []
