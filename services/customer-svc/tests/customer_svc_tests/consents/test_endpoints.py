"""Consent over HTTP: given, confirmed, withdrawn, expired; asked for one person and for many."""

from typing import Any

import httpx
import pytest

from crm_contracts.privacy.v1 import ConsentGiven
from crm_contracts.sealing import from_text, opened
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sweeps import swept

NEWS = {
    "code": "newsletter",
    "title_zh": "新闻邮件",
    "title_en": "Newsletter",
    "channels": ["email", "sms"],
    "valid_days": 365,
    "text": {"zh": "我同意接收新闻邮件。", "en": "I agree to receive the newsletter."},
}


async def purpose(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/consent-purposes", json=NEWS | changes)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def person(client: httpx.AsyncClient, kind: str = "customer") -> str:
    body = {"name": "李雷", "kind": "person"} if kind == "customer" else {"name": "王芳"}
    answer = await client.post(f"/v1/{kind}s", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def said(subject: str, kind: str = "customer", **changes: Any) -> dict[str, Any]:
    about = {"subject_kind": kind, "subject_id": subject, "purpose": "newsletter", "channel": "email"}
    return (
        about | {"source": "form", "evidence": {"document": "scan 4711", "note": "邮箱 lilei@needle.example"}} | changes
    )


async def may(client: httpx.AsyncClient, subject: str, channel: str = "email", purpose: str = "newsletter") -> Any:
    params = {"subject": subject, "purpose": purpose, "channel": channel}
    answer = await client.get("/v1/consents/may-contact", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def events(service: RunningService) -> list[str]:
    return [row[0] for row in await service.sql("SELECT type FROM outbox WHERE type LIKE 'consent.%' ORDER BY id")]


@pytest.mark.parametrize("kind", ["customer", "contact"])
async def test_consent_is_given_renewed_and_withdrawn(
    client: httpx.AsyncClient, service: RunningService, kind: str
) -> None:
    await purpose(client)
    who = await person(client, kind)
    assert (await may(client, who))["reason"] == "no_consent"

    given = await client.post("/v1/consents", json=said(who, kind, said_at="2026-03-01T08:00:00+08:00"))
    shown = given.json()
    assert given.status_code == 201
    assert (shown["status"], shown["text_version"], shown["source"]) == ("given", 1, "form")
    assert (shown["said_at"][:19], shown["expires_at"][:19]) == ("2026-03-01T00:00:00", "2027-03-01T00:00:00")
    assert shown["evidence"] == {"document": "scan 4711", "note": "邮箱 lilei@needle.example"}
    answer = await may(client, who)
    assert (answer["allowed"], answer["reason"], answer["consent_id"]) == (True, "consent", shown["id"])
    assert answer["until"][:19] == "2027-03-01T00:00:00"
    assert (await may(client, who, "sms"))["reason"] == "no_consent"
    assert (await may(client, who, "post"))["reason"] == "other_channel"

    renewed = await client.post("/v1/consents", json=said(who, kind, expires_at="2030-01-01T00:00:00Z"))
    assert (renewed.json()["id"], renewed.json()["version"]) == (shown["id"], 2)
    path = f"/v1/consents/{shown['id']}/withdraw"
    late = await client.post(path, json={"source": "phone"}, headers={"if-match": '"1"'})
    over = await client.post(path, json={"source": "phone"}, headers={"if-match": '"2"'})

    assert (late.status_code, over.status_code, over.json()["status"]) == (412, 200, "withdrawn")
    assert (await may(client, who))["reason"] == "withdrawn"
    assert await events(service) == ["consent.given", "consent.given", "consent.withdrawn"]


async def test_evidence_is_sealed_and_told_to_whom_may_have_the_key(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await purpose(client)
    who = await person(client)
    await client.post("/v1/consents", json=said(who))

    for table in ("consents", "outbox", "audit_entries"):
        assert "needle" not in str(await service.sql(f"SELECT * FROM {table}")), table
    ((payload,),) = await service.sql("SELECT payload FROM outbox WHERE type = 'consent.given'")
    key = from_text((await client.get(f"/v1/subject-keys/{who}")).json()["key"])
    told = opened(ConsentGiven.parse(payload), tenant_id=agent.tenant_id, key=key).state
    assert told.evidence is not None
    assert told.evidence.note == "邮箱 lilei@needle.example"


async def test_double_opt_in_counts_once_it_is_confirmed(client: httpx.AsyncClient, service: RunningService) -> None:
    await purpose(client, double_opt_in=True)
    who = await person(client)

    asked = (await client.post("/v1/consents", json=said(who))).json()
    assert (asked["status"], (await may(client, who))["reason"]) == ("pending", "not_confirmed")
    path = f"/v1/consents/{asked['id']}/confirm"
    done = await client.post(path, json={"source": "email"}, headers={"if-match": '"1"'})
    twice = await client.post(path, json={"source": "email"}, headers={"if-match": '"2"'})

    assert (done.json()["status"], done.json()["text_version"]) == ("given", 1)
    assert (twice.status_code, twice.json()["code"]) == (409, "invalid_transition")
    assert (await may(client, who))["allowed"] is True
    assert await events(service) == ["consent.requested", "consent.given"]


async def test_who_objects_is_left_alone_without_ever_having_agreed(client: httpx.AsyncClient) -> None:
    await purpose(client, basis="legitimate_interests")
    who = await person(client)
    assert (await may(client, who))["reason"] == "lawful_basis"

    body = {name: value for name, value in said(who).items() if name != "evidence"}
    objected = await client.post("/v1/consents/objections", json=body)

    assert (objected.status_code, objected.json()["status"]) == (201, "withdrawn")
    assert (await may(client, who))["reason"] == "withdrawn"


async def test_consent_ends_by_itself(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    await purpose(client)
    who, other = await person(client), await person(client)
    await client.post("/v1/consents", json=said(who, said_at="2020-01-01T00:00:00Z"))
    await client.post("/v1/consents", json=said(other))
    assert (await may(client, who))["reason"] == "expired"  # before anything has been written down

    await start_worker(service)
    await swept(service, "consents.expire")

    assert await events(service) == ["consent.given", "consent.given", "consent.expired"]
    assert [(await may(client, one))["reason"] for one in (who, other)] == ["expired", "consent"]


async def test_many_people_are_asked_about_at_once_in_their_order(client: httpx.AsyncClient) -> None:
    await purpose(client)
    first, second, nobody = await person(client), await person(client), str(new_id())
    await client.post("/v1/consents", json=said(second))

    body = {"subjects": [nobody, second, first, second], "purpose": "newsletter", "channel": "email"}
    answer = await client.post("/v1/consents/may-contact", json=body, headers={"accept-language": "zh"})

    items = answer.json()["items"]
    assert [(one["subject"], one["reason"]) for one in items] == [
        (nobody, "unknown_subject"),
        (second, "consent"),
        (first, "no_consent"),
        (second, "consent"),
    ]
    assert (items[0]["message"], items[1]["message"]) == ("没有此人。", "本人已同意。")
    assert (await may(client, first, purpose="other"))["reason"] == "unknown_purpose"


@pytest.mark.parametrize("value", [0, 1, "true", "no"])
async def test_a_truth_is_true_or_false_and_nothing_like_them(client: httpx.AsyncClient, value: object) -> None:
    answer = await client.post("/v1/consent-purposes", json=NEWS | {"active": value})

    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, ["/active"])
    assert (await client.get("/v1/consent-purposes")).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"purpose": "other"}, 409, "unknown_consent_purpose"),
        ({"channel": "post"}, 409, "unknown_consent_purpose"),
        ({"text_version": 2}, 409, "unknown_consent_purpose"),
        ({"subject_id": str(new_id())}, 409, "unknown_subject"),
        ({"subject_kind": "contact"}, 409, "unknown_subject"),
        ({"channel": "pigeon"}, 422, "invalid_payload"),
        ({"said_at": "2026-03-01T08:00:00"}, 422, "invalid_payload"),
    ],
)
async def test_what_is_no_consent_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, service: RunningService, change: dict[str, Any], status: int, code: str
) -> None:
    await purpose(client)
    who = await person(client)

    answer = await client.post("/v1/consents", json=said(who, **change))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await events(service) == []


async def test_a_company_gives_no_consent(client: httpx.AsyncClient) -> None:
    await purpose(client)
    company = (await client.post("/v1/customers", json={"name": "观心科技"})).json()["id"]

    answer = await client.post("/v1/consents", json=said(company))

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_subject")


async def test_texts_have_versions_that_never_change(client: httpx.AsyncClient) -> None:
    made = await purpose(client)
    path = f"/v1/consent-purposes/{made['id']}"

    same = await client.patch(path, json={"text": NEWS["text"]}, headers={"if-match": '"1"'})
    other = await client.patch(path, json={"text": {"zh": "新", "en": "new"}}, headers={"if-match": '"1"'})
    again = await client.post("/v1/consent-purposes", json=NEWS)

    assert (same.json()["version"], other.json()["version"]) == (1, 2)
    assert [(one["version"], one["en"]) for one in other.json()["texts"]] == [
        (1, "I agree to receive the newsletter."),
        (2, "new"),
    ]
    assert (again.status_code, again.json()["code"]) == (409, "consent_purpose_exists")
    who = await person(client)
    agreed = [await client.post("/v1/consents", json=said(who) | one) for one in ({}, {"text_version": 1})]
    assert [one.json()["text_version"] for one in agreed] == [2, 1]


async def test_others_see_nothing_and_change_nothing(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await purpose(client)
    who = await person(client)
    made = (await client.post("/v1/consents", json=said(who))).json()

    async with service.as_(caller()) as stranger:
        assert (await stranger.get(f"/v1/consents/{made['id']}")).status_code == 404
        assert (await may(stranger, who))["reason"] == "unknown_purpose"
    async with service.as_(colleague(agent, "customers:*")) as other:
        assert (await other.post("/v1/consents", json=said(who))).status_code == 403
