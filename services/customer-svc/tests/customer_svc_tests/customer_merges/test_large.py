"""Merges by which more goes over than one transaction takes: an operation does them, and takes them back."""

import asyncio
from uuid import UUID

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from customer_svc.customer_merges import service as merges
from customer_svc_tests.customer_merges.support import Office, Record, etag
from customer_svc_tests.customer_merges.test_merging import MET, WANTED

LIMIT, AHEAD = 40, 15
MORE = LIMIT + 1
_COPIES = """
INSERT INTO requirements SELECT (jsonb_populate_record(one, jsonb_build_object('id', uuidv7(), 'number', copy))).*
FROM requirements AS one CROSS JOIN generate_series(1, $2) AS copy WHERE one.id = $1
"""


@pytest.fixture
async def office(
    service: RunningService, agent: Caller, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> Office:
    for name, bound in (("LIMIT", LIMIT), ("AHEAD", AHEAD)):
        monkeypatch.setattr(merges, name, bound)  # allow no-mocks: bounds that a test reaches in a second, no code
    await start_worker(service)
    return Office(service, agent)


async def laden(office: Office, name: str) -> Record:
    """A customer with more requirements than one transaction takes, and a communication."""
    customer = await office.customer(name, grade="A")
    first = await office.enter("/v1/requirements", customer_id=customer["id"], **WANTED)
    await office.enter("/v1/communications", customer_id=customer["id"], **MET)
    await office.service.sql(_COPIES, UUID(first["id"]), MORE - 1)
    return customer


async def held(office: Office) -> dict[str, int]:
    """How many requirements customers have."""
    rows = await office.service.sql("SELECT customer_id, count(*) FROM requirements GROUP BY customer_id")
    return {str(row[0]): row[1] for row in rows}


async def finished(office: Office, answer: httpx.Response) -> Record:
    """The merge that a request has made, or taken back, at once or by an operation; with its path."""
    found = answer.json()
    if answer.status_code == 202:
        id = (await ended(office, answer.headers["location"]))["result"]["merge_id"]
    else:
        assert answer.status_code == 200, answer.text
        id = found["merge"]["id"] if "merge" in found else found["id"]
    path = f"/v1/customer-merges/{id}"
    return {**await office.get(path), "path": path}


async def is_there(office: Office, customer: Record) -> bool:
    return (await office.send("GET", f"/v1/customers/{customer['id']}")).status_code == 200


async def stands(office: Office, path: str, *, status: str | None = None, done: int | None = None) -> bool:
    """Whether an operation has a status, or has got so far."""
    found = await office.get(path)
    return status in {None, found["status"]} and done in {None, found["progress"]["done"]}


async def ended(office: Office, path: str) -> Record:
    async def over() -> Record | None:
        found = await office.get(path)
        return dict(found) if found["finished_at"] else None

    found: Record = await until(over)
    return found


async def test_what_is_too_much_for_a_request_an_operation_merges_and_takes_back(office: Office) -> None:
    kept, other, daughter = (
        await office.customer("远山控股"),
        await laden(office, "明灯照明"),
        await office.customer("女儿"),
    )
    await office.patch(daughter, parent_id=other["id"])
    before, told = await office.now(other), len(await office.types())

    tried = await office.try_merge(kept, [other], dry_run=True)
    begun = await office.try_merge(kept, [other])
    merged = await ended(office, begun.headers["location"])
    merge = await office.get(merged["result"]["merge"])
    gone = await office.send("GET", f"/v1/customers/{other['id']}")

    assert tried.status_code == 200, tried.text
    moves = [{"kind": kind, "count": count} for kind, count in (("communication", 1), ("contact", 0), ("consent", 0))]
    assert (begun.status_code, merged["status"], merged["counters"]) == (202, "succeeded", {"moved": MORE + 2})
    assert {one["kind"]: one["count"] for one in merge["moved"] if one["count"]} == {
        "communication": 1,
        "customer": 1,
        "requirement": MORE,
    }
    assert all(one in tried.json()["moves"] for one in moves)
    assert (gone.status_code, gone.headers["location"]) == (308, f"/v1/customers/{kept['id']}")
    assert (await office.now(kept))["grade"] == "A"
    assert await held(office) == {kept["id"]: MORE}
    events = (await office.types())[told:]
    assert events.count("requirement.updated") == MORE
    assert events[-2:] == ["customer.deleted", "customer.merged"]

    path = f"/v1/customer-merges/{merge['id']}/unmerge"
    undoing = await office.send("POST", path, json={}, headers=etag(merge["version"]))
    undone = await ended(office, undoing.headers["location"])
    after = await office.get(f"/v1/customer-merges/{merge['id']}")

    assert (undoing.status_code, undone["status"]) == (202, "succeeded")
    assert (after["status"], after["conflicts"]) == ("unmerged", [])
    assert await held(office) == {other["id"]: MORE}
    again = await office.now(other)
    assert {**again, "version": 0, "updated_at": 0} == {**before, "version": 0, "updated_at": 0}
    assert (await office.now(daughter))["parent_id"] == other["id"]
    assert (await office.now(kept))["grade"] is None
    assert await office.service.sql("SELECT FROM merge_moves") == []


async def test_records_follow_whoever_is_merged_again_before_they_are_back(office: Office) -> None:
    kept, third, other = (
        await office.customer("金穗粮油"),
        await office.customer("银河软件"),
        await laden(office, "青竹文具"),
    )
    first = await finished(office, await office.try_merge(kept, [other]))
    ids = await office.service.sql("SELECT id FROM requirements ORDER BY id")
    async with office.service.locked("requirements", str(ids[0][0])):
        undoing = await office.send("POST", f"{first['path']}/unmerge", json={}, headers=etag(first["version"]))
        await until(lambda: is_there(office, other))
        again = asyncio.create_task(office.try_merge(third, [await office.now(other)]))
    second = await finished(office, await again)
    undone = await ended(office, undoing.headers["location"])
    gathered = await held(office)
    back = await office.send("POST", f"{second['path']}/unmerge", json={}, headers=etag(second["version"]))
    last = await finished(office, back)

    assert undone["status"] == "succeeded"
    assert gathered == {third["id"]: MORE}
    assert await held(office) == {other["id"]: MORE}
    assert [(await office.get(one["path"]))["conflicts"] for one in (first, last)] == [[], []]
    assert await office.service.sql("SELECT FROM merge_moves") == []


async def test_a_group_is_settled_when_its_operation_has_merged_it(office: Office) -> None:
    kept, other = await office.customer("赤壁船舶修造有限公司"), await laden(office, "赤壁船舶修造公司")
    scan = await office.send("POST", "/v1/duplicate-groups/scan")
    await ended(office, scan.headers["location"])
    (group,) = (await office.get("/v1/duplicate-groups"))["items"]
    body = {
        "survivor_id": kept["id"],
        "survivor_version": kept["version"],
        "absorbed": [{"id": other["id"], "version": other["version"]}],
    }
    path = f"/v1/duplicate-groups/{group['id']}"
    begun = await office.send("POST", f"{path}/merge", json=body, headers=etag(group["version"]))
    merged = await ended(office, begun.headers["location"])
    after = await office.get(path)

    assert (begun.status_code, merged["status"]) == (202, "succeeded")
    assert (after["status"], after["merge_id"]) == ("merged", merged["result"]["merge_id"])
    assert await held(office) == {kept["id"]: MORE}
    assert (await office.types())[-2:] == ["customer.merged", "duplicate_group.merged"]


async def test_what_went_ahead_of_a_merge_that_is_not_possible_goes_back(office: Office) -> None:
    kept, other = await office.customer("云海餐饮"), await laden(office, "北斗导航")
    ids = await office.service.sql("SELECT id FROM requirements ORDER BY id")
    async with office.service.locked("requirements", str(ids[AHEAD][0])):  # in the second portion
        begun = await office.try_merge(kept, [other])
        path = begun.headers["location"]
        await until(lambda: stands(office, path, done=AHEAD))
        assert (await office.send("POST", f"{path}/pause")).status_code == 202
    await until(lambda: stands(office, path, status="paused"))
    await office.patch(kept, industry="餐饮")
    between = await held(office)
    assert (await office.send("POST", f"{path}/resume")).status_code == 202
    failed = await ended(office, path)

    async def returned() -> bool:
        rows = await office.service.sql("SELECT status FROM operations WHERE kind = 'customers.merge-give-back'")
        return [row[0] for row in rows] == ["succeeded"]

    await until(returned)
    assert between == {other["id"]: MORE - 2 * AHEAD + 1, kept["id"]: 2 * AHEAD - 1}
    assert (failed["status"], failed["problem"]["code"]) == ("failed", "version_mismatch")
    assert await held(office) == {other["id"]: MORE}
    assert (await office.get("/v1/customer-merges"))["items"] == []
    assert await office.service.sql("SELECT FROM merge_moves") == []
