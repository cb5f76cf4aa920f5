"""When records of one person are merged, the stricter word counts; taken apart again, each has what it had."""

from typing import Any

import pytest

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService, StartService
from customer_svc.slices import SERVICE
from customer_svc_tests.customer_merges.support import Office, Record, etag


@pytest.fixture(scope="module")
async def shared(start_shared_service: StartService) -> RunningService:
    return await start_shared_service(SERVICE)


@pytest.fixture
async def office(shared: RunningService, agent: Caller) -> Office:
    office = Office(shared, agent)
    purpose = {"code": "news", "title_zh": "新闻", "title_en": "News", "channels": ["email", "sms", "phone"]}
    await office.enter("/v1/consent-purposes", **purpose, text={"zh": "同意", "en": "I agree"})
    return office


async def person(office: Office, name: str) -> Record:
    return await office.customer(name, kind="person")


async def agrees(office: Office, who: Record, channel: str, note: str, **more: Any) -> Record:
    about = {"subject_kind": "customer", "subject_id": who["id"], "purpose": "news", "channel": channel}
    return await office.enter("/v1/consents", **about, source="form", evidence={"note": note}, **more)


async def withdraws(office: Office, consent: Record) -> None:
    path = f"/v1/consents/{consent['id']}/withdraw"
    answer = await office.send("POST", path, json={"source": "phone"}, headers=etag(consent["version"]))
    assert answer.status_code == 200, answer.text


async def standing(office: Office, who: Record) -> dict[str, tuple[str, str | None]]:
    """What a person has said: status and note of the evidence, by channel."""
    page = await office.get(f"/v1/consents?limit=200&filter=subject_id == '{who['id']}'")
    return {one["channel"]: (one["status"], (one["evidence"] or {}).get("note")) for one in page["items"]}


async def may(office: Office, who: Record, channel: str) -> bool:
    path = f"/v1/consents/may-contact?subject={who['id']}&purpose=news&channel={channel}"
    return bool((await office.get(path))["allowed"])


async def test_the_stricter_word_counts_and_each_has_its_own_again(office: Office) -> None:
    kept, gone = await person(office, "李雷"), await person(office, "李磊（旧）")
    await agrees(office, kept, "email", "kept mail")
    await withdraws(office, await agrees(office, gone, "email", "gone mail"))
    await agrees(office, gone, "sms", "gone sms")
    await agrees(office, kept, "phone", "kept phone", expires_at="2090-01-01T00:00:00Z")
    await agrees(office, gone, "phone", "gone phone", expires_at="2080-01-01T00:00:00Z")
    before = [await standing(office, one) for one in (kept, gone)]

    outcome = await office.merge(kept, gone)

    assert {one["kind"]: one["count"] for one in outcome["moves"]}["consent"] == 3
    assert await standing(office, kept) == {
        "email": ("withdrawn", None),
        "sms": ("given", "gone sms"),
        "phone": ("given", "gone phone"),
    }
    assert [await may(office, kept, channel) for channel in ("email", "sms", "phone")] == [False, True, True]
    (moved,) = (await office.get(f"/v1/consents?filter=subject_id == '{kept['id']}' %26%26 channel == 'sms'"))["items"]
    changes = (await office.get(f"/v1/consents/{moved['id']}/history"))["items"]
    assert [one["action"] for one in changes] == ["consent.moved", "consent.given"]

    undone = await office.unmerge(outcome)

    assert undone["conflicts"] == []
    assert [await standing(office, one) for one in (kept, gone)] == before
    assert [await may(office, one, "email") for one in (kept, gone)] == [True, False]


async def test_what_was_said_since_counts_for_both(office: Office) -> None:
    kept, gone = await person(office, "韩梅梅"), await person(office, "韩梅（旧）")
    moved = await agrees(office, gone, "sms", "gone sms")
    both = await agrees(office, kept, "email", "kept mail", expires_at="2090-01-01T00:00:00Z")
    await agrees(office, gone, "email", "gone mail", expires_at="2080-01-01T00:00:00Z")
    outcome = await office.merge(kept, gone)
    for one in (moved, both):
        await withdraws(office, await office.get(f"/v1/consents/{one['id']}"))

    undone = await office.unmerge(outcome)

    told = {(one["kind"], one["record_id"]) for one in undone["conflicts"]}
    assert told == {("consent", moved["id"]), ("consent", both["id"])}
    for one in (kept, gone):
        assert {status for status, _ in (await standing(office, one)).values()} == {"withdrawn"}
        assert [await may(office, one, channel) for channel in ("email", "sms")] == [False, False]


async def test_several_records_become_one_with_the_strictest_word(office: Office, agent: Caller) -> None:
    kept, old, older = [await person(office, name) for name in ("王芳", "王方（二）", "汪芳（三）")]
    await agrees(office, old, "sms", "old")
    await withdraws(office, await agrees(office, older, "sms", "older"))

    outcome = await office.merge(kept, old, older)

    assert await standing(office, kept) == {"sms": ("withdrawn", None)}
    query = "SELECT type FROM outbox WHERE aggregate_type = 'consent' AND tenant_id = $1 ORDER BY id"
    told = [row[0] for row in await office.service.sql(query, agent.tenant_id)]
    assert told == ["consent.given", "consent.given", "consent.withdrawn", "consent.moved"]
    await office.unmerge(outcome)
    assert [await standing(office, one) for one in (kept, old, older)] == [
        {},
        {"sms": ("given", "old")},
        {"sms": ("withdrawn", None)},
    ]


async def test_the_evidence_is_erased_with_the_survivor(office: Office, shared: RunningService, agent: Caller) -> None:
    kept, gone = await person(office, "赵云"), await person(office, "赵子龙（旧）")
    await agrees(office, gone, "sms", "needle")
    await office.merge(kept, gone)

    await office.enter("/v1/erasures", subject_kind="customer", subject_id=kept["id"], basis="objection")

    assert await standing(office, kept) == {"sms": ("given", None)}
    keys = await shared.sql("SELECT destroyed_at FROM subject_keys WHERE tenant_id = $1", agent.tenant_id)
    assert len(keys) == 2
    assert all(row[0] is not None for row in keys)


async def test_an_old_id_is_answered_with_the_word_of_whoever_stands_for_it(office: Office) -> None:
    kept, gone, other = [await person(office, name) for name in ("韩梅梅", "韩红梅", "林涛")]
    await agrees(office, kept, "email", "kept mail")
    await office.merge(kept, gone)
    asked = {"subjects": [one["id"] for one in (other, gone, kept)], "purpose": "news", "channel": "email"}

    answer = await office.send("POST", "/v1/consents/may-contact", json=asked)

    assert [(one["subject"], one["moved_to"], one["reason"]) for one in answer.json()["items"]] == [
        (other["id"], None, "no_consent"),
        (gone["id"], kept["id"], "consent"),
        (kept["id"], None, "consent"),
    ]
    assert await may(office, gone, "email")


async def test_what_is_said_by_an_old_id_is_the_word_of_whoever_stands_for_it(office: Office) -> None:
    kept, gone = await person(office, "魏华"), await person(office, "魏小华")
    await agrees(office, kept, "email", "kept mail")
    await office.merge(kept, gone)
    about = {"subject_kind": "customer", "subject_id": gone["id"], "purpose": "news", "channel": "email"}

    objection = await office.enter("/v1/consents/objections", **about, source="phone")

    assert (objection["subject_id"], objection["status"]) == (kept["id"], "withdrawn")
    assert not await may(office, kept, "email")


@pytest.mark.parametrize("collection", ["erasures", "subject-access-requests"])
async def test_whoever_names_an_old_id_for_good_is_told_whom_to_name(office: Office, collection: str) -> None:
    kept, gone = await person(office, "江涛"), await person(office, "江小涛")
    await office.merge(kept, gone)
    basis = {"basis": "consent_withdrawn"} if collection == "erasures" else {}
    about = {"subject_kind": "customer", "subject_id": gone["id"], **basis}

    refused = await office.send("POST", f"/v1/{collection}", json=about)

    assert (refused.status_code, refused.json()["code"]) == (409, "customer_absorbed")
    assert kept["id"] in refused.json()["detail"]
