"""An old id leads to the survivor: where it is asked for, and where it is referred to (the slice merged_customers)."""

from crm_platform.testing.identity import caller
from customer_svc_tests.customer_merges.support import Office
from customer_svc_tests.customer_merges.test_merging import MET, WANTED


async def test_whoever_asks_is_shown_the_way(office: Office) -> None:
    a, b, c = [await office.customer(name) for name in ("a", "b", "c")]
    await office.merge(b, a)
    await office.merge(c, b)

    path = f"/v1/customers/{a['id']}"
    asked = await office.send("GET", path, headers={"accept-language": "zh"})
    changed = await office.send("PATCH", path, json={"grade": "A"}, headers={"if-match": '"1"'})
    moved = await office.send("POST", f"{path}/activate", json={}, headers={"if-match": '"1"'})

    assert [one.status_code for one in (asked, changed, moved)] == [308, 308, 308]
    assert asked.headers["location"] == f"/v1/customers/{c['id']}"
    assert moved.headers["location"] == f"/v1/customers/{c['id']}/activate"
    problem = asked.json()
    assert asked.headers["content-type"] == "application/problem+json"
    assert (problem["code"], problem["moved_to"]) == ("moved", c["id"])
    assert problem["detail"] == f"记录 {a['id']} 已合并到 {c['id']}，请访问后者。"


async def test_after_an_unmerge_it_is_itself_again(office: Office) -> None:
    a, b = await office.customer("a"), await office.customer("b")
    outcome = await office.merge(b, a)
    assert (await office.send("GET", f"/v1/customers/{a['id']}")).status_code == 308

    await office.unmerge(outcome)

    assert (await office.now(a))["name"] == "a"


async def test_an_id_that_never_was_is_not_found(office: Office) -> None:
    a, b = await office.customer("a"), await office.customer("b")
    await office.merge(b, a)
    answer = await office.send("GET", "/v1/customers/01975d3a-0000-7000-8000-000000000000")
    assert answer.status_code == 404


async def test_another_company_is_shown_nothing(office: Office) -> None:
    a, b = await office.customer("a"), await office.customer("b")
    await office.merge(b, a)
    other = Office(office.service, caller())
    assert (await other.send("GET", f"/v1/customers/{a['id']}")).status_code == 404


async def test_who_writes_an_old_id_gets_the_survivor_or_is_told_so(office: Office) -> None:
    a, b = await office.customer("a"), await office.customer("b")
    await office.merge(b, a)

    met = await office.enter("/v1/communications", customer_id=a["id"], **MET)
    wanted = await office.enter("/v1/requirements", customer_id=a["id"], **WANTED)
    linked = await office.send("POST", "/v1/contacts", json={"name": "p", "links": [{"customer_id": a["id"]}]})
    under = await office.send("POST", "/v1/customers", json={"name": "d", "parent_id": a["id"]})

    assert (met["customer_id"], wanted["customer_id"]) == (b["id"], b["id"])
    for refused in (linked, under):
        assert (refused.status_code, refused.json()["code"]) == (409, "customer_absorbed")
        assert b["id"] in refused.json()["detail"]
