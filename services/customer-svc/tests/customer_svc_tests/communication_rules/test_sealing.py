"""What communications say is sealed where a company says so, and shown as ever to whoever may see it."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from crm_contracts.communication.v1 import CommunicationKind
from crm_contracts.inbound.v1 import OaMeetingHeld
from crm_platform.clock import utc_now
from crm_platform.context import FieldRule
from crm_platform.errors import BadRequest
from crm_platform.ids import new_id
from crm_platform.sealing.boxes import new_key_pair
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import deliver
from crm_platform.testing.privacy import access_of, told_by
from crm_platform.testing.waiting import until
from customer_svc.communication_rules.domain import CommunicationRule, sealed_kinds
from customer_svc_tests.communication_rules.support import CONTENTS, SAID, Desk

TOLD = {name: SAID[name] for name in CONTENTS}
DUE = "2099-01-05T10:00:00+08:00"


async def test_what_is_said_from_now_on_is_sealed_and_shown_as_ever(desk: Desk) -> None:
    await desk.rule(seal=True)
    said = await desk.say(await desk.person("李雷"), participants=["王芳"])

    assert {name: said[name] for name in CONTENTS} == TOLD
    assert (said["contents_sealed"], said["erased_at"]) == (True, None)
    assert await desk.shown(said) == said
    assert (await desk.send("GET", "communications"))["items"] == [said]
    fields = {"fields": "id,subject"}
    assert (await desk.send("GET", "communications", params=fields))["items"] == [
        {"id": said["id"], "subject": "报价针"}
    ]
    assert await desk.in_the_clear() == set()
    (row,) = await desk.sql("SELECT subject, content, outcome, sealed FROM communications WHERE true")
    assert (row["subject"], row["content"], row["outcome"]) == ("", None, None)
    assert len(row["sealed"]) > len("报价针needle in a haystack降价针".encode())
    assert await desk.told(said) == [TOLD]


async def test_what_is_sealed_is_neither_searched_nor_filtered_by(desk: Desk) -> None:
    person = await desk.person("李雷")
    clear = await desk.say(person, participants=["韩梅梅"])
    await desk.rule(seal=True)
    sealed = await desk.say(person, participants=["韩梅梅"])
    await desk.settled([clear, sealed], sealed=True)

    for q in ("报价针", "haystack", "降价"):
        assert await desk.found(q) == [], q
    assert set(await desk.found("韩梅梅")) == {clear["id"], sealed["id"]}
    for expression in ("subject == '报价针'", "outcome.contains('降价')"):
        assert (await desk.send("GET", "communications", params={"filter": expression}))["items"] == []


async def test_what_was_said_before_follows_the_rule_there_and_back(desk: Desk) -> None:
    person, other = await desk.person("李雷"), await desk.person("韩梅梅")
    said = [await desk.say(person), await desk.say(other), await desk.say(other)]
    rule = await desk.rule(seal=True)
    await desk.settled(said, sealed=True)

    for one in said:
        now = await desk.shown(one)
        assert {name: now[name] for name in CONTENTS} == TOLD
        assert (now["version"], now["contents_sealed"]) == (2, True)
        assert await desk.told(one) == [TOLD, TOLD]
    await until(lambda: _nothing_in_the_clear(desk))
    assert await _talks(desk, person) == [("报价针", None)]

    await desk.switch(rule, seal=False)
    await desk.settled(said, sealed=False)
    await until(lambda: _told_again(desk, person))

    now = await desk.shown(said[0])
    assert ({name: now[name] for name in CONTENTS}, now["version"]) == (TOLD, 3)
    assert set(await desk.found("报价针")) == {one["id"] for one in said}
    rows = await desk.sql("SELECT subject, sealed FROM communications WHERE true")
    assert [tuple(row) for row in rows] == [("报价针", None)] * 3
    (changes,) = [one["changes"] for one in (await _history(desk, said[0]))[:1]]
    assert changes == [{"member": "contents_sealed", "from": True, "to": False, "withheld": None}]


async def _nothing_in_the_clear(desk: Desk) -> bool:
    """So it is once the timeline has heard of it, too."""
    return not await desk.in_the_clear()


async def _told_again(desk: Desk, person: str) -> bool:
    return await _talks(desk, person) == [("报价针", "降价针")]


async def _talks(desk: Desk, person: str) -> list[tuple[str, str | None]]:
    """Titles and outcomes of what the timeline tells of communications."""
    params = {"filter": "kind == 'communication'"}
    entries = (await desk.send("GET", f"customers/{person}/timeline", params=params))["items"]
    return [(one["title"], one["facts"]["outcome"]) for one in entries]


async def _history(desk: Desk, said: dict[str, Any]) -> list[dict[str, Any]]:
    return list((await desk.send("GET", f"communications/{said['id']}/history"))["items"])


async def test_a_correction_is_sealed_too_and_the_past_is_shown(desk: Desk) -> None:
    await desk.rule(seal=True)
    said = await desk.say(await desk.person("李雷"))
    body, headers = {"content": "needle and thread"}, {"if-match": '"1"'}
    changed = await desk.send("PATCH", f"communications/{said['id']}", json=body, headers=headers)

    assert {name: changed[name] for name in CONTENTS} == TOLD | body
    assert await desk.in_the_clear() == set()
    then = await desk.send("GET", f"communications/{said['id']}/as-of", params={"at": said["updated_at"]})
    assert then == said
    last, first = await _history(desk, said)
    assert last["changes"] == [
        {"member": "content", "from": SAID["content"], "to": "needle and thread", "withheld": None}
    ]
    assert {one["member"]: one["to"] for one in first["changes"]}.items() >= TOLD.items()
    assert (await desk.send("GET", f"communications/{said['id']}/history/verification"))["sound"] is True


async def test_a_kind_has_a_rule_of_its_own(desk: Desk) -> None:
    person = await desk.person("李雷")
    await desk.rule(seal=True)
    await desk.rule(seal=False, kind="visit")
    visit = await desk.say(person, kind="visit")
    call = await desk.say(person)
    assert (visit["contents_sealed"], call["contents_sealed"]) == (False, True)

    headers = {"if-match": '"1"'}
    corrected = await desk.send("PATCH", f"communications/{visit['id']}", json={"kind": "call"}, headers=headers)
    assert corrected["contents_sealed"] is True
    assert await desk.found("报价针") == []
    opened = await desk.send("PATCH", f"communications/{call['id']}", json={"kind": "visit"}, headers=headers)
    assert {name: opened[name] for name in CONTENTS} == TOLD
    assert await desk.found("报价针") == [call["id"]]


async def test_lists_of_follow_ups_and_calendars_show_what_was_spoken_of(desk: Desk) -> None:
    await desk.rule(seal=True)
    person = await desk.person("李雷")
    plan = {"due_at": DUE, "subject": "再打"}
    said = await desk.say(person, follow_up=plan)
    await desk.say(person, kind="visit", subject="拜访", follow_up=plan | {"assignee_id": str(new_id())})

    (shown,) = (await desk.send("GET", "follow-ups", params={"filter": f"assignee_id == '{desk.who.id}'"}))["items"]
    assert (shown["id"], shown["communication_subject"], shown["subject"]) == (said["id"], "报价针", "再打")
    path = (await desk.send("POST", "calendar-feeds", 201, json={"label": "手机"}))["path"]
    async with desk.service.as_(None) as program:
        answer = await program.get(path)
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["summary"], event["description"]) == ("再打 · 李雷", "报价针")


async def test_whoever_may_not_see_a_member_does_not(desk: Desk) -> None:
    await desk.rule(seal=True)
    said = await desk.say(await desk.person("李雷"))
    masked = (FieldRule("communications", "subject", "masked"), FieldRule("communications", "content", "hidden"))
    async with desk.service.as_(replace(colleague(desk.who), fields=masked)) as client:
        shown = (await client.get(f"/v1/communications/{said['id']}")).json()
    assert (shown["subject"], "content" in shown, shown["outcome"]) == ("报**", False, SAID["outcome"])


async def test_an_erased_person_is_unreadable_in_rows_history_and_events(desk: Desk) -> None:
    await desk.rule(seal=True)
    person = await desk.person("李雷")
    said = await desk.say(person)
    await desk.send("PATCH", f"communications/{said['id']}", json={"outcome": "needle"}, headers={"if-match": '"1"'})
    basis = {"subject_kind": "customer", "subject_id": person, "basis": "consent_withdrawn"}
    await desk.send("POST", "erasures", 201, json=basis)

    now = await desk.shown(said)
    assert ([now[name] for name in CONTENTS], now["participants"]) == (["", None, None], [])
    assert now["erased_at"] is not None
    erased = {one["member"] for change in await _history(desk, said) for one in change["changes"] if one["withheld"]}
    assert set(CONTENTS) <= erased
    await desk.send("GET", f"subject-keys/{person}", 410)
    rows = await desk.sql("SELECT payload FROM outbox WHERE aggregate_id = $2", UUID(said["id"]))
    assert len(rows) == 3
    assert await desk.in_the_clear() == set()
    refused = await desk.send("POST", "communications", 409, json=SAID | {"customer_id": person, "happened_at": DUE})
    assert refused["code"] == "personal_data_erased"


async def test_what_a_rule_of_a_hold_keeps_is_read_without_the_key(desk: Desk) -> None:
    await desk.rule(seal=True)
    law = {"record": "communication", "days": 36_500, "law": "商业秘密"}
    await desk.send("POST", "hold-rules", 201, json=law)
    person = await desk.person("李雷")
    said = await desk.say(person)
    basis = {"subject_kind": "customer", "subject_id": person, "basis": "consent_withdrawn"}
    await desk.send("POST", "erasures", 201, json=basis)

    now = await desk.shown(said)
    assert {name: now[name] for name in CONTENTS} == TOLD
    assert (now["contents_sealed"], now["version"]) == (False, 2)


async def test_merging_seals_under_the_survivor_and_back(desk: Desk) -> None:
    await desk.rule(seal=True)
    survivor, absorbed = await desk.person("李雷"), await desk.person("韩梅梅")
    said = await desk.say(absorbed)
    body = {"absorbed": [{"id": absorbed, "version": 1}]}
    merged = await desk.send("POST", f"customers/{survivor}/merge", json=body, headers={"if-match": '"1"'})
    subjects = "SELECT version, convert_from(payload, 'UTF8')::json -> 'sealed' ->> 'subject_id' FROM outbox"
    of_said = f"{subjects} WHERE aggregate_id = $2"

    now = await desk.shown(said)
    assert (now["customer_id"], {name: now[name] for name in CONTENTS}) == (survivor, TOLD)
    assert [id for _, id in sorted(map(tuple, await desk.sql(of_said, UUID(said["id"]))))] == [absorbed, survivor]
    headers = {"if-match": f'"{merged["merge"]["version"]}"'}
    await desk.send("POST", f"customer-merges/{merged['merge']['id']}/unmerge", json={}, headers=headers)
    now = await desk.shown(said)
    assert (now["customer_id"], {name: now[name] for name in CONTENTS}) == (absorbed, TOLD)
    assert [id for _, id in sorted(map(tuple, await desk.sql(of_said, UUID(said["id"]))))] == [
        absorbed,
        survivor,
        absorbed,
    ]
    assert await desk.in_the_clear() == set()


async def test_a_person_who_asks_is_told_what_is_sealed(desk: Desk) -> None:
    await desk.rule(seal=True)
    person = await desk.person("李雷")
    await desk.say(person)
    keys = new_key_pair()
    await deliver(desk.service, access_of(UUID(person), keys.public), tenant_id=desk.who.tenant_id)

    told = [one for one in await told_by(desk.service, keys.private) if one["source"] == "communications"]
    assert [{name: item[name] for name in CONTENTS} for one in told for item in one["items"]] == [TOLD]


async def test_a_rule_waits_for_whoever_writes_by_an_older_one(desk: Desk) -> None:
    person = await desk.person("李雷")
    database = desk.service.app.state.runtime.database
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1"
    key = f"hashtextextended('communication_rules.{desk.who.tenant_id}', 0)"
    ((number,),) = await desk.service.sql(f"SELECT ({key} & 4294967295)::bigint")
    async with database.read(desk.who.tenant_id) as connection, asyncio.TaskGroup() as tasks:
        await connection.execute(f"SELECT pg_advisory_lock_shared({key})")
        made = tasks.create_task(desk.rule(seal=True))
        await until(lambda: _any(desk, waiting, number))
        assert not made.done()
        await connection.execute(f"SELECT pg_advisory_unlock_shared({key})")
    assert (await desk.say(person))["contents_sealed"] is True


async def _any(desk: Desk, query: str, *arguments: Any) -> bool:
    return bool(await desk.service.sql(query, *arguments))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"kind": "fax", "seal_contents": True}, "kind"),
        ({}, "seal_contents"),
        ({"seal_contents": "yes"}, "seal_contents"),
        ({"seal_contents": True, "until": 1}, "until"),
    ],
)
async def test_bad_rules_are_refused_by_name(desk: Desk, body: dict[str, Any], named: str) -> None:
    refused = await desk.send("POST", "communication-rules", 422, json=body)
    assert [one["pointer"] for one in refused["errors"]] == [f"/{named}"]
    assert await desk.sql("SELECT 1 FROM communication_rules WHERE true") == []


async def test_what_could_never_be_opened_is_not_sealed(desk: Desk) -> None:
    await desk.rule(seal=True)
    person = await desk.person("李雷")
    body = SAID | {"customer_id": person, "happened_at": DUE, "content": "a\x00b"}
    refused = await desk.send("POST", "communications", 422, json=body)
    assert [one["pointer"] for one in refused["errors"]] == ["/content"]
    meeting = OaMeetingHeld(meeting_id="M-1", customer_id=UUID(person), subject="\x00", held_at=utc_now())
    with pytest.raises(BadRequest):
        await deliver(desk.service, meeting, tenant_id=desk.who.tenant_id, origin="oa")
    assert await desk.sql("SELECT 1 FROM communications WHERE true") == []


async def test_there_is_one_rule_for_a_kind(desk: Desk) -> None:
    await desk.rule(seal=True)
    body = {"kind": None, "seal_contents": False}
    refused = await desk.send("POST", "communication-rules", 409, json=body, headers={"accept-language": "zh"})
    assert (refused["code"], "请修改现有规则" in refused["detail"]) == ("communication_rule_exists", True)
    assert [row[0] for row in await desk.sql("SELECT seal_contents FROM communication_rules WHERE true")] == [True]


RULES = st.dictionaries(st.none() | st.sampled_from(CommunicationKind), st.booleans())


@given(RULES)
def test_a_kind_goes_by_its_own_rule_or_by_that_for_all(wanted: dict[CommunicationKind | None, bool]) -> None:
    rules = [CommunicationRule(id=new_id(), kind=kind, seal_contents=seal) for kind, seal in wanted.items()]
    for kind in CommunicationKind:
        assert (kind in sealed_kinds(rules)) is wanted.get(kind, wanted.get(None, False))
