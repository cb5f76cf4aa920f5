"""The whole base is searched for duplicates, and people judge what is found."""

from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from customer_svc_tests.customer_merges.support import Office, Record

PHONE = "+8675528780808"


@pytest.fixture
async def office(service: RunningService, agent: Caller, start_worker: StartWorker) -> Office:
    await start_worker(service)
    return Office(service, agent)


async def scanned(office: Office) -> dict[str, Any]:
    begun = await office.send("POST", "/v1/duplicate-groups/scan")
    assert begun.status_code == 202, begun.text
    last: list[dict[str, Any]] = []

    async def ended() -> bool:
        last[:] = [await office.get(begun.headers["location"])]
        return last[0]["finished_at"] is not None

    await until(ended)
    assert last[0]["status"] == "succeeded", last
    return last[0]


async def _groups(office: Office) -> list[Record]:
    return list((await office.get("/v1/duplicate-groups"))["items"])


async def _base(office: Office) -> list[Record]:
    """Three spellings of one company, two people, and companies that are nobody's duplicates."""
    names = ("华为技术有限公司", "华为技術有限公司", "華為技术有限公司")
    alike = [await office.customer(name, phone=PHONE) for name in names]
    people = [
        await office.customer("张伟", kind="person", email="zhang@example.com", phone="13800138000") for _ in "ab"
    ]
    for name in ("中兴通讯股份有限公司", "Matanga Logistics", "Northwind Traders"):
        await office.customer(name)
    return [*alike, *people]


async def _judge(office: Office, group: Record, action: str, **body: Any) -> httpx.Response:
    path, headers = f"/v1/duplicate-groups/{group['id']}/{action}", {"if-match": f'"{group["version"]}"'}
    return await office.send("POST", path, json=body, headers=headers)


async def test_groups_are_found_with_their_reasons_and_once(office: Office) -> None:
    made = await _base(office)
    # As before there were keys of duplicates: filing is part of the scan.
    await office.service.sql("DELETE FROM customer_keys WHERE kind LIKE 'alike.%'")

    first = await scanned(office)
    found = await _groups(office)
    second = await scanned(office)

    progress = first["progress"]
    assert (progress["total"], progress["done"], first["result"]) == (8, 8, {"groups": 2})
    assert second["result"] == {"groups": 0}
    ids = [{one["id"] for one in made[:3]}, {one["id"] for one in made[3:]}]
    assert sorted((set(one["customer_ids"]) for one in found), key=len, reverse=True) == ids
    assert all(one["status"] == "open" and one["score"] >= 95 for one in found)
    largest = max(found, key=lambda one: len(one["customer_ids"]))
    assert len(largest["pairs"]) == 3
    assert all("phone:same" in pair["fields"] for pair in largest["pairs"])
    assert await _groups(office) == found
    assert (await office.types()).count("duplicate_group.found") == 2
    assert await office.service.sql("SELECT 1 FROM duplicate_pairs") == []


async def test_what_was_called_different_is_not_found_again(office: Office) -> None:
    await _base(office)
    await scanned(office)
    groups = await _groups(office)

    answers = [await _judge(office, group, "dismiss", reason="两家公司") for group in groups]
    again = await _judge(office, answers[0].json(), "confirm")
    await office.service.sql("DELETE FROM duplicate_groups")
    after = await scanned(office)

    assert [one.json()["status"] for one in answers] == ["dismissed", "dismissed"]
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert after["result"] == {"groups": 0}


async def test_a_group_is_confirmed_and_merged(office: Office) -> None:
    made = await _base(office)
    await scanned(office)
    (group,) = [one for one in await _groups(office) if len(one["customer_ids"]) == 3]
    confirmed = (await _judge(office, group, "confirm")).json()
    kept, *others = made[:3]
    body = {
        "survivor_id": kept["id"],
        "survivor_version": 1,
        "absorbed": [{"id": one["id"], "version": 1} for one in others],
    }

    stranger = {**body, "absorbed": [{"id": made[3]["id"], "version": 1}]}
    refused = await _judge(office, confirmed, "merge", **stranger)
    planned = await _judge(office, confirmed, "merge", **body, dry_run=True)
    merged = await _judge(office, confirmed, "merge", **body)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_of_the_group")
    assert (planned.status_code, planned.json()["merge"]) == (200, None)
    settled = await office.get(f"/v1/duplicate-groups/{group['id']}")
    assert (settled["status"], settled["merge_id"], settled["version"]) == ("merged", merged.json()["merge"]["id"], 3)
    assert (await office.types())[-3:] == ["customer.deleted", "customer.merged", "duplicate_group.merged"]


async def test_nobody_finds_by_a_scan_whom_they_do_not_see(office: Office) -> None:
    await _base(office)
    mine = Office(office.service, colleague(office.who, visibility="own"))

    assert (await scanned(mine))["result"] == {"groups": 0}
