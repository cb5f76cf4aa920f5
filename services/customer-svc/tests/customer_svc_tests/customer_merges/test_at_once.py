"""Merges at once: one of two that exclude each other wins, and whoever writes meanwhile loses nothing."""

import asyncio

from customer_svc_tests.customer_merges.support import Office
from customer_svc_tests.customer_merges.test_merging import MET


async def test_of_two_that_merge_each_other_one_stays(office: Office) -> None:
    a, b = await office.customer("a"), await office.customer("b")

    answers = await asyncio.gather(office.try_merge(a, [b]), office.try_merge(b, [a]))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["code"] == "customer_absorbed"
    assert len((await office.everything())["customers"]) == 1
    assert (await office.types()).count("customer.merged") == 1


async def test_one_is_merged_once_only(office: Office) -> None:
    a, b, c = [await office.customer(name) for name in "abc"]

    answers = await asyncio.gather(office.try_merge(a, [c]), office.try_merge(b, [c]))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len((await office.everything())["customers"]) == 2


async def test_what_is_written_meanwhile_is_at_the_survivor(office: Office) -> None:
    a, b = await office.customer("a"), await office.customer("b")
    body = {"customer_id": b["id"], **MET}

    merged, *written = await asyncio.gather(
        office.try_merge(a, [b]), *(office.send("POST", "/v1/communications", json=body) for _ in range(6))
    )

    assert [merged.status_code, *(one.status_code for one in written)] == [200, *[201] * 6]
    found = (await office.everything())["communications"]
    assert {one["customer_id"] for one in found.values()} == {a["id"]}
    assert len(found) == 6
