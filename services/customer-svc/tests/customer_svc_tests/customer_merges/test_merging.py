"""Customers become one: values, children, references, events."""

from typing import Any

import pytest

from customer_svc_tests.custom_fields.support import REGIONS, choices, defined
from customer_svc_tests.customer_merges.support import Office, Record, etag, timeless

MET = {"kind": "meeting", "subject": "回访", "happened_at": "2026-03-01T09:00:00Z"}
WANTED = {"kind": "function", "title": "对账单"}


async def _two(office: Office) -> tuple[Record, Record]:
    kept = await office.customer(
        "华为技术有限公司",
        phones=[{"number": "+8675528780808", "primary": True}],
        tags=["vip", "南方"],
        external_refs=[{"system": "erp", "external_id": "K1"}],
    )
    other = await office.customer(
        "华为技术公司",
        grade="A",
        website="https://www.huawei.com",
        phones=[{"number": "0755-28780808", "primary": True}, {"number": "+8613800138000"}],
        emails=[{"address": "info@huawei.com", "primary": True}],
        tags=["南方", "5G"],
        external_refs=[{"system": "erp", "external_id": "K2"}],
    )
    return kept, other


async def test_the_survivor_keeps_what_it_has_and_gets_what_it_lacks(office: Office) -> None:
    kept, other = await _two(office)

    outcome = await office.merge(kept, other)

    after = outcome["customer"]
    assert timeless(after) == timeless(await office.now(kept))
    assert (after["name"], after["grade"], after["website"]) == (kept["name"], "A", "https://www.huawei.com")
    assert after["tags"] == ["vip", "南方", "5G"]
    assert [(one["number"], one["primary"]) for one in after["phones"]] == [
        ("+8675528780808", True),
        ("+8613800138000", False),
    ]
    assert (after["phone"], after["email"]) == ("+8675528780808", "info@huawei.com")
    assert [one["external_id"] for one in after["external_refs"]] == ["K1", "K2"]
    changed = {one["field"] for one in outcome["fields"] if one["changed"]}
    assert changed == {"grade", "website", "phones", "emails", "tags", "external_refs"}
    merge = outcome["merge"]
    assert (merge["survivor_id"], merge["absorbed_ids"]) == (kept["id"], [other["id"]])
    assert timeless(merge) == timeless(await office.get(f"/v1/customer-merges/{merge['id']}"))
    assert await office.types(since=2) == ["customer.updated", "customer.deleted", "customer.merged"]


async def test_fields_are_chosen_one_by_one(office: Office) -> None:
    kept = await office.customer("Siemens", grade="B", industry="power", tags=["a"], source="fair")
    other = await office.customer("Siemens AG", grade="A", industry="energy", tags=["b"], owner_id=None)
    await office.patch(kept, short_name="S")
    chosen = {"name": other["id"], "grade": "newest", "industry": "survivor", "tags": other["id"], "owner": other["id"]}

    after = (await office.merge(kept, other, choices=chosen))["customer"]

    assert (after["name"], after["grade"], after["industry"], after["tags"]) == ("Siemens AG", "B", "power", ["b"])
    assert (after["source"], after["short_name"], after["owner_id"], after["team_id"]) == ("fair", "S", None, None)


async def test_a_dry_run_says_the_same_and_changes_nothing(office: Office) -> None:
    kept, other = await _two(office)
    await office.enter("/v1/communications", customer_id=other["id"], **MET)
    before = await office.everything()

    planned = await office.merge(kept, other, dry_run=True)

    assert (planned["dry_run"], planned["merge"]) == (True, None)
    assert await office.everything() == before
    assert await office.types(since=3) == []
    done = await office.merge(kept, other)
    assert timeless(planned["customer"]) | {"version": 2} == timeless(done["customer"])
    assert (planned["fields"], planned["moves"]) == (done["fields"], done["moves"])
    assert {one["kind"]: one["count"] for one in done["moves"]}["communication"] == 1


async def test_what_belongs_to_the_others_goes_along(office: Office) -> None:
    kept, other = await _two(office)
    daughter = await office.customer("华为终端", parent_id=other["id"])
    met = await office.enter("/v1/communications", customer_id=other["id"], **MET)
    wanted = await office.enter("/v1/requirements", customer_id=other["id"], **WANTED)
    both = [{"customer_id": kept["id"], "title": "总监"}, {"customer_id": other["id"], "role": "采购", "primary": True}]
    at_both = await office.enter("/v1/contacts", name="张伟", links=both)
    at_other = await office.enter("/v1/contacts", name="李娜", links=[{"customer_id": other["id"]}])

    await office.merge(kept, other)

    found = await office.everything()
    assert found["communications"][met["id"]]["customer_id"] == kept["id"]
    assert found["requirements"][wanted["id"]]["customer_id"] == kept["id"]
    assert found["customers"][daughter["id"]]["parent_id"] == kept["id"]
    (link,) = found["contacts"][at_both["id"]]["links"]
    assert (link["customer_id"], link["title"], link["role"], link["primary"]) == (kept["id"], "总监", "采购", True)
    assert [one["customer_id"] for one in found["contacts"][at_other["id"]]["links"]] == [kept["id"]]
    assert other["id"] not in found["customers"]


async def test_three_become_one_and_the_primary_contact_of_the_survivor_stays(office: Office) -> None:
    kept, first, second = [await office.customer(name) for name in ("a", "b", "c")]
    people = [
        await office.enter("/v1/contacts", name=name, links=[{"customer_id": at["id"], "primary": True}])
        for name, at in (("p", kept), ("q", first), ("r", second))
    ]

    outcome = await office.merge(kept, first, second)

    assert outcome["merge"]["absorbed_ids"] == [first["id"], second["id"]]
    contacts = (await office.everything())["contacts"]
    links = [contacts[one["id"]]["links"] for one in people]
    assert [(len(one), one[0]["customer_id"], one[0]["primary"]) for one in links] == [
        (1, kept["id"], True),
        (1, kept["id"], False),
        (1, kept["id"], False),
    ]


async def test_no_customer_comes_to_stand_above_itself(office: Office) -> None:
    top = await office.customer("top")
    mother = await office.customer("mother", parent_id=top["id"])
    child = await office.customer("child", parent_id=mother["id"])

    after = (await office.merge(child, mother))["customer"]

    assert after["parent_id"] == top["id"]
    grandchild = await office.customer("grandchild", parent_id=child["id"])
    present = [await office.now(one) for one in (grandchild, top)]
    refused = await office.try_merge(present[0], present[1:])
    assert (refused.status_code, refused.json()["code"]) == (409, "parent_loop")


REFUSALS: list[tuple[dict[str, Any], int, str]] = [
    ({"choices": {"name": "someone"}}, 422, "invalid_payload"),
    ({"choices": {"nose": "survivor"}}, 422, "invalid_payload"),
    ({"choices": {"owner_id": "survivor"}}, 422, "invalid_payload"),
    ({"choices": {"name": "union"}}, 422, "invalid_payload"),
]


@pytest.mark.parametrize(("options", "status", "code"), REFUSALS)
async def test_choices_that_are_none_are_refused(
    office: Office, options: dict[str, Any], status: int, code: str
) -> None:
    kept, other = await _two(office)
    before = await office.everything()

    refused = await office.try_merge(kept, [other], **options)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    (field,) = options["choices"]
    assert [one["pointer"] for one in refused.json()["errors"]] == [f"/choices/{field}"]
    await office.unchanged(refused, before)


async def test_a_record_that_somebody_is_editing_is_not_merged(office: Office) -> None:
    kept, other = await _two(office)
    await office.patch(other, grade="C")
    before = await office.everything()

    stale = await office.try_merge(kept, [other])
    path, body = f"/v1/customers/{kept['id']}/merge", {"absorbed": [{"id": other["id"], "version": 2}]}
    none = await office.send("POST", path, json=body)
    old = await office.send("POST", path, json=body, headers=etag(7))
    twice = await office.try_merge(kept, [kept])

    assert [one.status_code for one in (stale, none, old, twice)] == [412, 428, 412, 409]
    assert twice.json()["code"] == "merged_with_itself"
    await office.unchanged(stale, before)


async def test_custom_fields_are_chosen_one_by_one_and_go_back(office: Office) -> None:
    async with office.service.as_(office.who) as client:
        await defined(client, "region", "choice", choices=choices(*REGIONS))
        await defined(client, "level", "number", maximum="100")
        await defined(client, "since", "date")
        await defined(client, "markets", "multi_choice", choices=choices(*REGIONS))
        await defined(client, "code", "text", unique=True)
        await defined(client, "double", "formula", expression="custom.level * 2")
    kept = await office.customer("Siemens", custom={"level": 1, "markets": ["华东"], "code": "K"})
    held = {"level": 5, "region": "华南", "since": "2024-02-29", "markets": ["华北", "华东"], "code": "O"}
    other = await office.customer("Bosch", custom=held)
    before = await office.everything()

    wrong = {"custom.code": other["id"], "custom.nothing": "survivor", "custom.level": "union", "custom.region": "?"}
    refused = await office.try_merge(kept, [other], choices=wrong)
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
        ("/choices/custom.code", "not_passed_on"),
        ("/choices/custom.level", "unknown_choice"),
        ("/choices/custom.nothing", "unknown_field"),
        ("/choices/custom.region", "unknown_choice"),
    ]
    await office.unchanged(refused, before)

    chosen = {"custom.level": other["id"], "custom.since": "survivor"}
    outcome = await office.merge(kept, other, choices=chosen)

    assert outcome["customer"]["custom"] == {
        "level": 5,
        "region": "华南",
        "markets": ["华东", "华北"],
        "code": "K",
        "double": 10,
    }
    told = {one["field"]: (one["take"], one["from_ids"], one["changed"]) for one in outcome["fields"]}
    assert {name: one for name, one in told.items() if name.startswith("custom.")} == {
        "custom.level": (other["id"], [other["id"]], True),
        "custom.markets": ("union", [kept["id"], other["id"]], True),
        "custom.region": ("filled", [other["id"]], True),
        "custom.since": ("survivor", [kept["id"]], False),
    }
    await office.patch(kept, custom={"region": "华东"})
    undone = await office.unmerge(outcome)

    stayed = [(one["record_id"], one["field"]) for one in undone["conflicts"]]
    assert stayed == [(kept["id"], "custom.region")]
    assert (await office.now(kept))["custom"] == kept["custom"] | {"region": "华东"}
    assert (await office.now(other))["custom"] == other["custom"]
