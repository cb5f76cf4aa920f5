"""A merge that is taken back leaves everything as it was, and what has changed since where it can stay."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.customer_merges.support import Office, Record
from customer_svc_tests.customer_merges.test_merging import MET, WANTED

_PHONES = ("+8613800138000", "+8613800138001", "+442079460958")
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "grade": st.sampled_from(["A", "B", None]),
    "industry": st.sampled_from(["能源", "energy", None]),
    "annual_revenue": st.sampled_from([{"amount": "12.50", "currency": "CNY"}, None]),
    "website": st.sampled_from(["https://a.example", None]),
    "tags": st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3),
    "phones": st.lists(st.sampled_from(_PHONES), unique=True, max_size=2).map(
        lambda numbers: [{"number": number} for number in numbers]
    ),
    "emails": st.sampled_from([[], [{"address": "a@example.com"}], [{"address": "b@example.com", "label": "办公"}]]),
    "addresses": st.sampled_from([[], [{"country": "CN", "city": "深圳", "street": "坂田1号"}]]),
}
_CUSTOMER = st.fixed_dictionaries(_VALUES)
_LINK = st.fixed_dictionaries(
    {"at": st.integers(0, 2), "primary": st.booleans(), "title": st.sampled_from(["总监", None])}
)
_BASE = st.fixed_dictionaries(
    {
        "customers": st.lists(_CUSTOMER, min_size=3, max_size=3),
        "contacts": st.lists(st.lists(_LINK, max_size=3, unique_by=lambda one: one["at"]), max_size=3),
        "children": st.lists(
            st.tuples(st.sampled_from(["communications", "requirements"]), st.integers(0, 2)), max_size=4
        ),
        "parents": st.tuples(st.sampled_from([None, 2]), st.sampled_from([None, 0, 2])),
        "daughters": st.lists(st.integers(0, 2), max_size=2),
        "choices": st.dictionaries(
            st.sampled_from(["name", "grade", "tags", "phones", "owner", "status"]),
            st.sampled_from(["survivor", "newest", "0", "1", "2"]),
            max_size=4,
        ),
        "absorbed": st.sampled_from([[1], [1, 2], [2, 1]]),
    }
)


async def _built(office: Office, base: dict[str, Any]) -> list[Record]:
    made = [await office.customer(f"customer {number}", **one) for number, one in enumerate(base["customers"])]
    for number, parent in enumerate(base["parents"]):
        if parent is not None and parent != number:
            await office.patch(made[number], parent_id=made[parent]["id"])
    for number, at in enumerate(base["daughters"]):
        await office.customer(f"daughter {number}", parent_id=made[at]["id"])
    for number, links in enumerate(base["contacts"]):
        sent = [{"customer_id": made[one["at"]]["id"], **{k: v for k, v in one.items() if k != "at"}} for one in links]
        await office.enter("/v1/contacts", name=f"person {number}", links=sent)
    for kind, at in base["children"]:
        members = MET if kind == "communications" else WANTED
        await office.enter(f"/v1/{kind}", customer_id=made[at]["id"], **members)
    return made


@given(base=_BASE)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_merge_and_unmerge_are_nothing_at_all(service: RunningService, base: dict[str, Any]) -> None:
    office = Office(service, caller())  # each example is in a company of its own
    made = await _built(office, base)
    before = await office.everything()
    absorbed = [made[number] for number in base["absorbed"]]
    known = {made[0]["id"], *(one["id"] for one in absorbed)}
    choices = {name: made[int(take)]["id"] if take.isdigit() else take for name, take in base["choices"].items()}
    choices = {name: take for name, take in choices.items() if take in known or not take.count("-")}
    present = [await office.now(one) for one in (made[0], *absorbed)]
    answer = await office.try_merge(present[0], present[1:], choices=choices)
    if answer.status_code == 409:
        assert answer.json()["code"] == "parent_loop"
        assert await office.everything() == before
        return
    outcome = answer.json()
    assert (answer.status_code, set((await office.everything())["customers"]) & {one["id"] for one in absorbed}) == (
        200,
        set(),
    )

    undone = await office.unmerge(outcome)

    assert (undone["status"], undone["conflicts"]) == ("unmerged", [])
    assert await office.everything() == before


async def test_what_has_changed_since_stays_and_is_listed(office: Office) -> None:
    kept = await office.customer("kept")
    other = await office.customer("other", grade="A", industry="energy")
    moved = await office.enter("/v1/communications", customer_id=other["id"], **MET)
    person = await office.enter("/v1/contacts", name="张伟", links=[{"customer_id": other["id"], "title": "总监"}])
    outcome = await office.merge(kept, other)
    await office.patch(kept, grade="D", source="fair")
    later = await office.enter("/v1/communications", customer_id=kept["id"], **MET)
    body = {"customer_id": kept["id"], "title": "总裁"}
    version = (await office.get(f"/v1/contacts/{person['id']}"))["version"]
    path = f"/v1/contacts/{person['id']}/change-link"
    changed = await office.send("POST", path, json=body, headers={"if-match": f'"{version}"'})
    assert changed.status_code == 200, changed.text

    undone = await office.unmerge(outcome)

    listed = [(one["kind"], one["record_id"], one["field"]) for one in undone["conflicts"]]
    assert listed == [("customer", kept["id"], "grade"), ("contact", person["id"], None)]
    found = await office.everything()
    after = found["customers"][kept["id"]]
    assert (after["grade"], after["industry"], after["source"]) == ("D", None, "fair")
    assert found["customers"][other["id"]]["grade"] == "A"
    assert found["communications"][moved["id"]]["customer_id"] == other["id"]
    assert found["communications"][later["id"]]["customer_id"] == kept["id"]
    titles = {link["customer_id"]: link["title"] for link in found["contacts"][person["id"]]["links"]}
    assert titles == {kept["id"]: "总裁", other["id"]: "总监"}


async def test_chains_are_undone_from_their_end(office: Office) -> None:
    a, b, c = [await office.customer(name) for name in ("a", "b", "c")]
    met = await office.enter("/v1/communications", customer_id=a["id"], **MET)
    before = await office.everything()
    first = await office.merge(b, a)
    between = await office.everything()
    second = await office.merge(c, b)
    assert (await office.everything())["communications"][met["id"]]["customer_id"] == c["id"]

    refused = await office.try_unmerge(first)
    await office.unmerge(second)

    assert (refused.status_code, refused.json()["code"]) == (409, "merge_not_undoable")
    assert await office.everything() == between
    await office.unmerge(first)
    assert await office.everything() == before
    again = await office.try_unmerge(first)
    assert again.status_code == 412


async def test_events_tell_it_all_and_versions_go_on(office: Office) -> None:
    kept, other = await office.customer("kept"), await office.customer("other", grade="A")
    outcome = await office.merge(kept, other)
    told = len(await office.types())

    await office.unmerge(outcome)

    assert await office.types(since=told) == ["customer.restored", "customer.updated", "customer.unmerged"]
    assert (await office.now(other))["version"] == 3
    rows = await office.service.sql("SELECT version FROM outbox WHERE aggregate_id::text = $1 ORDER BY id", other["id"])
    assert [row["version"] for row in rows] == [1, 2, 3]


async def test_an_undone_pair_is_not_found_alike_again(office: Office) -> None:
    kept = await office.customer("华为技术有限公司", phone="+8675528780808")
    other = await office.customer("华为技术有限公司", phone="+8675528780808")
    await office.unmerge(await office.merge(kept, other))

    changed = {"phone": "+8675528780809"}
    path = f"/v1/customers/{other['id']}"
    answer = await office.send("PATCH", path, json=changed, headers={"if-match": '"3"'})

    assert answer.status_code == 200, answer.text


async def test_whoever_is_erased_is_erased_as_they_were_before_merges_too(office: Office) -> None:
    kept = await office.customer("张伟", kind="person", phone="13800138000")
    other = await office.customer("张 伟", kind="person", email="zhang@example.com")
    outcome = await office.merge(kept, other)
    body = {"subject_kind": "customer", "subject_id": kept["id"], "basis": "consent_withdrawn"}
    erased = await office.send("POST", "/v1/erasures", json=body)
    assert erased.status_code == 201, erased.text

    refused = await office.try_unmerge(outcome)

    assert (refused.status_code, refused.json()["code"]) == (409, "customer_erased")
    keys = await office.service.sql("SELECT subject_id::text FROM subject_keys WHERE wrapped_key IS NULL")
    assert {row[0] for row in keys} == {kept["id"], other["id"]}
    assert await office.service.sql("SELECT 1 FROM merge_customers WHERE content IS NOT NULL") == []


Refuse = Callable[[Office, Record, Record], Awaitable[tuple[Office, int, str]]]


async def _of_another(office: Office, kept: Record, _: Record) -> tuple[Office, int, str]:
    mine = replace(office, who=caller(tenant_id=office.who.tenant_id, visibility="own"))
    await office.patch(kept, owner_id=str(mine.who.id))
    return mine, 404, "not_found"


async def _in_the_pool(office: Office, kept: Record, other: Record) -> tuple[Office, int, str]:
    mine, _, _ = await _of_another(office, kept, other)
    await office.patch(other, owner_id=None, team_id=None)
    return mine, 409, "not_claimed"


async def _erased(office: Office, _: Record, other: Record) -> tuple[Office, int, str]:
    await office.service.sql(
        "UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = now() WHERE subject_id::text = $1", other["id"]
    )
    return office, 409, "customer_erased"


@pytest.mark.parametrize("prepare", [_of_another, _in_the_pool, _erased])
async def test_whoever_has_no_right_to_both_merges_neither(office: Office, prepare: Refuse) -> None:
    kept, other = await office.customer("kept"), await office.customer("other", grade="A", phone="13800138000")
    who, status, code = await prepare(office, kept, other)
    present = [await office.now(one) for one in (kept, other)]
    before = await office.everything()

    refused = await who.try_merge(present[0], present[1:])

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    await office.unchanged(refused, before)
