from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from dirty_equals import IsDatetime, IsUUID

from crm_contracts.contact.v1 import ContactCreated
from crm_contracts.sealing import from_text
from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.contacts.people import Make, Told, act, problem, read

PERSON: dict[str, Any] = {
    "name": "欧阳娜娜",
    "family_name": "欧阳",
    "given_name": "娜娜",
    "name_latin": "Ouyang Nana",
    "salutation": "欧阳总",
    "company": "观心科技（上海）有限公司",
    "title": "采购总监",
    "preferred_channel": "messenger",
    "language": "zh-CN",
    "websites": ["https://ouyang.example"],
    "source": "展会",
    "tags": ["VIP"],
    "birthday": "--02-29",
    "notes": "喜欢喝茶",
}
MESSENGER = {"kind": "wechat", "account": "ouyang88", "label": None}
EMPTY = (
    "additional_names",
    "honorific_prefix",
    "honorific_suffix",
    "nickname",
    "status_note",
    "department",
    "photo_url",
)


async def test_a_contact_is_entered_at_a_customer(
    client: httpx.AsyncClient, agent: Caller, customer: Make, told: Told
) -> None:
    company = await customer()
    link = {"customer_id": company["id"], "title": "采购总监", "decision_role": "decision_maker", "since": "2024-05-01"}
    body = PERSON | {"phone": "138 0013 8000", "email": "Nana@Example.COM", "messengers": [MESSENGER], "links": [link]}

    answer = await client.post("/v1/contacts", json=body)

    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": agent.actor,
        "updated_at": made["created_at"],
        "updated_by": agent.actor,
        "owner_id": str(agent.id),
        "team_id": None,
        **PERSON,
        **dict.fromkeys(EMPTY),
        "status": "active",
        "status_since": made["created_at"],
        "external_refs": [],
        "links": [{**link, "department": None, "role": None, "primary": False, "until": None}],
        "phone": "+8613800138000",
        "phones": [
            {
                "number": "+8613800138000",
                "extension": None,
                "entered": "138 0013 8000",
                "kind": "mobile",
                "label": None,
                "primary": True,
            }
        ],
        "email": "Nana@example.com",
        "emails": [{"address": "Nana@example.com", "label": None, "primary": True}],
        "address": None,
        "addresses": [],
        "messengers": [MESSENGER],
        "erased_at": None,
    }
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/contacts/{made['id']}")
    assert await read(client, made) == made
    assert (await client.get(f"/v1/customers/{company['id']}/contacts")).json()["items"] == [made]
    assert await told() == [("contact.created", "欧阳娜娜", 1)]


async def test_personal_data_is_written_nowhere_in_the_clear(contact: Make, service: RunningService) -> None:
    made = await contact(phone="13800138000", email="fang@example.com", notes="喜欢喝茶", birthday="1990-03-04")

    (event,) = await service.sql("SELECT payload FROM outbox")
    told = ContactCreated.parse(event["payload"])
    assert (told.state.phones, told.state.email, told.state.notes, told.state.birthday) == ((), None, None, None)
    assert told.sealed is not None
    assert str(told.sealed.subject_id) == made["id"]
    assert from_text(told.sealed.data)
    tables = await service.sql("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()")
    for table in tables:
        rows = await service.sql(f"SELECT t::text AS row FROM {table['name']} t")
        content = " ".join(row["row"] for row in rows)
        for secret in ("13800138000", "fang@example.com", "喜欢喝茶", "1990-03-04"):
            assert secret not in content, table["name"]
            assert secret.encode().hex() not in content, table["name"]


async def test_contacts_are_found_by_what_is_sealed(client: httpx.AsyncClient, contact: Make) -> None:
    fang = await contact("王芳", phones=[{"number": "021-58881234 转 801"}, {"number": "13800138000"}])
    lei = await contact("李雷", email="Li.Lei@example.com", messengers=[MESSENGER])

    async def found(**params: str) -> list[str]:
        answer = await client.get("/v1/contacts", params=params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await found(phone="+86 138-0013-8000") == [fang["id"]]
    assert await found(phone="021 5888 1234") == [fang["id"]]
    assert await found(email="LI.LEI@EXAMPLE.com") == [lei["id"]]
    assert await found(messenger="Ouyang88") == [lei["id"]]
    assert await found(messenger="ouyang88", email="li.lei@example.com") == [lei["id"]]
    assert await found(messenger="ouyang88", phone="13800138000") == []
    assert await found(filter='"138 0013 8000" in phones') == [fang["id"]]
    assert await found(filter='"LI.LEI@EXAMPLE.com" in emails') == [lei["id"]]
    assert await found(messenger="ouyang88", filter="name == '王芳'") == []
    refused = await client.get("/v1/contacts", params={"phone": "12"}, headers={"accept-language": "zh"})
    assert problem(refused) == (400, "invalid_parameter")
    changed = await client.patch(f"/v1/contacts/{lei['id']}", json={"email": None}, headers={"if-match": '"1"'})
    assert changed.status_code == 200
    assert await found(email="li.lei@example.com") == []


async def test_contacts_are_found_by_their_words(client: httpx.AsyncClient, contact: Make) -> None:
    nana = await contact(**PERSON)
    other = await contact("王芳", company="别家公司")

    async def found(**params: str) -> list[str]:
        items = (await client.get("/v1/contacts", params=params)).json()["items"]
        return [item["id"] for item in items]

    assert await found(q="娜娜") == [nana["id"]]
    assert await found(q="ouyang") == [nana["id"]]
    assert await found(q="ouyagn", match="similar") == [nana["id"]]
    assert await found(q="观心科技") == [nana["id"]]
    assert await found(q="公司", sort="name") == [nana["id"], other["id"]]
    assert await found(q="喜欢喝茶") == []
    assert await found(sort="name", filter="tags.exists(t, t == 'VIP')") == [nana["id"]]


async def test_a_merge_patch_changes_what_it_names(client: httpx.AsyncClient, contact: Make, told: Told) -> None:
    made = await contact(**PERSON, phone="13800138000")
    patch: dict[str, Any] = {
        "name": "欧阳娜",
        "nickname": "Nana",
        "birthday": "1988-02-29",
        "notes": None,
        "phones": [],
    }

    answer = await client.patch(f"/v1/contacts/{made['id']}", json=patch, headers={"if-match": '"1"'})

    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after == made | patch | {"phone": None, "version": 2, "updated_at": after["updated_at"]}
    stale = await client.patch(f"/v1/contacts/{made['id']}", json={"title": "x"}, headers={"if-match": '"1"'})
    assert problem(stale) == (412, "version_mismatch")
    assert await told() == [("contact.created", "欧阳娜娜", 1), ("contact.updated", "欧阳娜", 2)]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"birthday": "2023-02-29"}, "/birthday", "unknown_day"),
        ({"birthday": "--13-01"}, "/birthday", "unknown_day"),
        ({"birthday": "1990/03/04"}, "/birthday", "string_pattern_mismatch"),
        ({"phone": "12"}, "/phone", "invalid_phone"),
        ({"email": "fang@"}, "/email", "invalid_email"),
        ({"language": "中文"}, "/language", "string_pattern_mismatch"),
        ({"messengers": [MESSENGER, MESSENGER | {"account": "OUYANG88"}]}, "/messengers/1", "duplicate_entry"),
        ({"messengers": [MESSENGER | {"kind": "pigeon"}]}, "/messengers/0/kind", "enum"),
        ({"links": [{"customer_id": "x"}]}, "/links/0/customer_id", "uuid_parsing"),
        ({"salary": 1}, "/salary", "extra_forbidden"),
    ],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, told: Told, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await client.post("/v1/contacts", json={"name": "王芳", **body})

    assert problem(answer) == (422, "invalid_payload")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert await told() == []


async def test_the_life_cycle_over_http(
    client: httpx.AsyncClient, contact: Make, customer: Make, told: Told, service: RunningService
) -> None:
    company = await customer()
    made = await contact(links=[{"customer_id": company["id"], "primary": True}])

    left = (await act(client, made, "leave", reason="跳槽", on="2026-02-27")).json()
    again = await act(client, left, "leave")
    back = (await act(client, left, "return")).json()

    assert (left["status"], left["status_note"]) == ("left", "跳槽")
    assert [(link["primary"], link["until"]) for link in left["links"]] == [(False, "2026-02-27")]
    assert problem(again) == (409, "invalid_transition")
    assert (back["status"], back["status_note"], back["links"]) == ("active", None, left["links"])
    rows = await service.sql("SELECT is_primary FROM contact_links")
    assert [row["is_primary"] for row in rows] == [False]
    changes = [(type_, version) for type_, _, version in await told()]
    assert changes == [("contact.created", 1), ("contact.status_changed", 2), ("contact.status_changed", 3)]


async def test_deletion_takes_the_links_along_and_a_customer_with_contacts_stays(
    client: httpx.AsyncClient, contact: Make, customer: Make, told: Told, service: RunningService
) -> None:
    company = await customer()
    ref = {"system": "erp", "external_id": "K-1"}
    made = await contact(phone="13800138000", external_refs=[ref], links=[{"customer_id": company["id"]}])

    kept = await client.delete(f"/v1/customers/{company['id']}", headers={"if-match": '"1"'})
    gone = await client.delete(f"/v1/contacts/{made['id']}", headers={"if-match": '"1"'})
    then = await client.delete(f"/v1/customers/{company['id']}", headers={"if-match": '"1"'})

    assert problem(kept) == (409, "customer_in_use")
    assert (gone.status_code, then.status_code) == (204, 204)
    assert (await client.get(f"/v1/contacts/{made['id']}")).status_code == 404
    for table in ("contacts", "contact_links", "contact_refs", "contact_keys"):
        assert await service.sql(f"SELECT 1 FROM {table}") == []
    (event,) = await service.sql("SELECT payload FROM outbox WHERE type = 'contact.deleted'")
    last = orjson.loads(event["payload"])["state"]
    assert [link["customer_id"] for link in last["links"]] == [company["id"]]
    assert await told() == [("contact.created", "王芳", 1), ("contact.deleted", "王芳", 2)]


async def test_a_customer_that_is_not_there_has_no_contacts(
    client: httpx.AsyncClient, contact: Make, told: Told
) -> None:
    made = await contact()
    missing = str(uuid4())

    refused = await client.post("/v1/contacts", json={"name": "李雷", "links": [{"customer_id": missing}]})
    linked = await act(client, made, "link", customer_id=missing)
    listed = await client.get(f"/v1/customers/{missing}/contacts")

    assert [problem(one) for one in (refused, linked)] == [(409, "customer_of_contact_missing")] * 2
    assert problem(listed) == (404, "not_found")
    assert await told() == [("contact.created", "王芳", 1)]
