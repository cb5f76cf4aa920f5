"""Merges of customers with many contacts and subsidiaries: these go over and back in portions, too."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until
from customer_svc.customer_merges import service as merges
from customer_svc_tests.customer_merges.support import Office, Record, etag
from customer_svc_tests.customer_merges.test_large import ended, finished, is_there, stands

LIMIT, AHEAD = 4, 3
PEOPLE = ("张伟", "李娜", "王芳", "刘洋", "陈静")
DAUGHTERS = ("深圳终端", "上海研究所", "成都物流", "西安软件")


@pytest.fixture
async def office(
    service: RunningService, agent: Caller, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> Office:
    for name, bound in (("LIMIT", LIMIT), ("AHEAD", AHEAD)):
        monkeypatch.setattr(merges, name, bound)  # allow no-mocks: bounds that a test reaches in a second, no code
    await start_worker(service)
    return Office(service, agent)


@dataclass(frozen=True)
class Circle:
    """Two customers, what belongs to the second one, and all that there was before they were merged."""

    kept: Record
    other: Record
    people: Sequence[Record]
    before: dict[str, dict[str, Record]]


async def circle(office: Office) -> Circle:
    """A customer with more contacts and subsidiaries than one step moves; two contacts are at the survivor as well."""
    kept, other = await office.customer("远山控股"), await office.customer("明灯照明", grade="A")
    await office.enter("/v1/contacts", name="赵敏", links=[{"customer_id": kept["id"], "primary": True}])
    people = []
    for number, name in enumerate(PEOPLE):
        links: list[Any] = [{"customer_id": other["id"], "primary": number == 1, "title": f"title {number}"}]
        links += [{"customer_id": kept["id"], "role": "采购"}] if number in {1, 3} else []
        people.append(await office.enter("/v1/contacts", name=name, links=links))
    for name in DAUGHTERS:
        await office.customer(name, parent_id=other["id"])
    return Circle(kept, other, people, await office.everything())


def at(found: dict[str, dict[str, Record]], customer: Record) -> tuple[set[str], set[str]]:
    """The names of the contacts and of the subsidiaries of a customer."""
    people = {
        one["name"]
        for one in found["contacts"].values()
        for link in one["links"]
        if link["customer_id"] == customer["id"]
    }
    return people, {one["name"] for one in found["customers"].values() if one["parent_id"] == customer["id"]}


async def test_contacts_and_subsidiaries_go_over_in_portions_and_back(office: Office) -> None:
    made = await circle(office)
    told = len(await office.types())

    begun = await office.try_merge(made.kept, [made.other])
    merged = await ended(office, begun.headers["location"])
    merge = await office.get(merged["result"]["merge"])
    between = await office.everything()
    events = (await office.types())[told:]

    assert (begun.status_code, merged["status"], merged["counters"]) == (202, "succeeded", {"moved": 9})
    assert {one["kind"]: one["count"] for one in merge["moved"] if one["count"]} == {"contact": 5, "customer": 4}
    assert at(between, made.kept) == ({*PEOPLE, "赵敏"}, set(DAUGHTERS))
    links = {one["name"]: one["links"] for one in between["contacts"].values()}
    assert [(one["role"], one["title"], one["primary"]) for one in links["李娜"]] == [("采购", "title 1", False)]
    assert [one["primary"] for one in links["赵敏"]] == [True]
    assert (events.count("contact.link_changed"), events.count("customer.updated")) == (5, 5)
    assert events[-2:] == ["customer.deleted", "customer.merged"]

    path = f"/v1/customer-merges/{merge['id']}/unmerge"
    undoing = await office.send("POST", path, json={}, headers=etag(merge["version"]))
    undone = await finished(office, undoing)

    assert (undoing.status_code, undone["status"], undone["conflicts"]) == (202, "unmerged", [])
    assert await office.everything() == made.before
    assert await office.service.sql("SELECT FROM merge_links UNION ALL SELECT FROM merge_moves") == []


async def test_who_went_ahead_of_a_merge_that_is_not_possible_comes_back(office: Office) -> None:
    made = await circle(office)
    last = made.people[-1]["id"]
    async with office.service.locked("contacts", last):
        path = (await office.try_merge(made.kept, [made.other])).headers["location"]
        await until(lambda: stands(office, path, done=2 * AHEAD))
        assert (await office.send("POST", f"{path}/pause")).status_code == 202
    await until(lambda: stands(office, path, status="paused"))
    between = await office.everything()
    newcomer = await office.enter(
        "/v1/contacts", name="周涛", links=[{"customer_id": made.other["id"], "primary": True}]
    )
    await office.patch(made.kept, industry="餐饮")
    assert (await office.send("POST", f"{path}/resume")).status_code == 202
    failed = await ended(office, path)

    async def returned() -> bool:
        rows = await office.service.sql("SELECT status FROM operations WHERE kind = 'customers.merge-give-back'")
        return [row[0] for row in rows] == ["succeeded"]

    await until(returned)
    after = await office.everything()
    assert at(between, made.kept) == ({*PEOPLE, "赵敏"}, set(DAUGHTERS))
    assert (failed["status"], failed["problem"]["code"]) == ("failed", "version_mismatch")
    assert after["customers"].pop(made.kept["id"])["industry"] == "餐饮"
    assert [one["primary"] for one in after["contacts"].pop(newcomer["id"])["links"]] == [True]
    (stepped,) = [one for one in after["contacts"].values() if one["name"] == "李娜"]
    links = {one["customer_id"]: one["primary"] for one in stepped["links"]}
    assert links == {made.kept["id"]: False, made.other["id"]: False}  # who came meanwhile is the primary one by now
    for one in stepped["links"]:
        one["primary"] = one["customer_id"] == made.other["id"]
    assert after["contacts"] == made.before["contacts"]
    assert after["customers"] == {id: one for id, one in made.before["customers"].items() if id != made.kept["id"]}
    assert await office.service.sql("SELECT FROM merge_links UNION ALL SELECT FROM merge_moves") == []


async def test_contacts_follow_whoever_is_merged_again_before_they_are_back(office: Office) -> None:
    made = await circle(office)
    third = await office.customer("银河软件")
    before = await office.everything()
    first = await finished(office, await office.try_merge(made.kept, [made.other]))
    async with office.service.locked("contacts", made.people[0]["id"]):
        undoing = await office.send("POST", f"{first['path']}/unmerge", json={}, headers=etag(first["version"]))
        await until(lambda: is_there(office, made.other))
        both = [await office.now(made.other), await office.now(made.kept)]
        again = asyncio.create_task(office.try_merge(third, both))
    second = await finished(office, await again)
    undone = await ended(office, undoing.headers["location"])
    gathered = await office.everything()
    back = await office.send("POST", f"{second['path']}/unmerge", json={}, headers=etag(second["version"]))
    last = await finished(office, back)

    assert undone["status"] == "succeeded"
    assert at(gathered, third) == ({*PEOPLE, "赵敏"}, set(DAUGHTERS))
    assert [(await office.get(one["path"]))["conflicts"] for one in (first, last)] == [[], []]
    assert await office.everything() == before
    assert await office.service.sql("SELECT FROM merge_links UNION ALL SELECT FROM merge_moves") == []


async def test_who_is_above_the_survivor_comes_below_it_at_the_end(office: Office) -> None:
    other = await office.customer("明灯照明")
    between = await office.customer("成都物流", parent_id=other["id"])
    kept = await office.customer("远山控股", parent_id=between["id"])
    for name in ("深圳终端", "上海研究所", "西安软件", "武汉仓储"):
        await office.customer(name, parent_id=other["id"])

    begun = await office.try_merge(
        await office.now(kept), [await office.now(other)], choices={"parent_id": other["id"]}
    )
    merge = await finished(office, begun)
    found = await office.everything()

    assert begun.status_code == 202
    assert {one["kind"]: one["count"] for one in merge["moved"] if one["count"]} == {"customer": 5}
    assert at(found, kept) == (set(), {"深圳终端", "上海研究所", "西安软件", "武汉仓储", "成都物流"})
    assert (await office.now(kept))["parent_id"] is None
