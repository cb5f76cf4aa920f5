import asyncio
from typing import Any

import httpx
import orjson
import pytest
from dirty_equals import IsDatetime

from crm_contracts.customer.v1 import CustomerCreated
from crm_contracts.sealing import from_text, opened
from crm_platform.context import Caller
from crm_platform.testing.events import StartWorker
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sweeps import swept
from customer_svc_tests.width import wide

PERSON = {
    "kind": "person",
    "name": "李雷",
    "name_latin": "Li Lei",
    "source": "展会",
    "phones": [
        {"number": "021-5888 1234 转 801", "label": "办公室"},
        {"number": wide("13800138000"), "primary": True},
    ],
    "emails": [{"address": " Li.Lei@Example.COM "}],
    "addresses": [
        {"kind": "registered", "country": "CN", "province": "上海市", "city": "上海市", "district": "浦东新区"},
        {"kind": "delivery", "country": "HK", "street": "中环 皇后大道中 99 号", "label": "仓库"},
    ],
    "registrations": [{"kind": "uscc", "number": "91110000600037341l", "country": "CN"}],
    "identity_documents": [{"kind": "resident_id", "number": "11010519491231002x"}],
}
SHOWN = {
    "phone": "+8613800138000",
    "phones": [
        {
            "number": "+862158881234",
            "extension": "801",
            "entered": "021-5888 1234 转 801",
            "kind": "landline",
            "label": "办公室",
            "primary": False,
        },
        {
            "number": "+8613800138000",
            "extension": None,
            "entered": wide("13800138000"),
            "kind": "mobile",
            "label": None,
            "primary": True,
        },
    ],
    "email": "Li.Lei@example.com",
    "emails": [{"address": "Li.Lei@example.com", "label": None, "primary": True}],
    "address": {
        "country": "CN",
        "province": "上海市",
        "city": "上海市",
        "district": "浦东新区",
        "street": None,
        "postal_code": None,
    },
    "registration_id": "91110000600037341L",
    "registrations": [{"kind": "uscc", "number": "91110000600037341L", "country": "CN", "primary": True}],
    "identity_documents": [{"kind": "resident_id", "number": "11010519491231002X", "country": None}],
}


def at(answer: httpx.Response) -> dict[str, str]:
    return {"if-match": answer.headers["etag"]}


async def create(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    answer = await client.post("/v1/customers", json={"name": "甲", **body})
    assert answer.status_code == 201, answer.text
    return answer


def only(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: record[name] for name in names}


async def test_everything_to_reach_a_person_by_is_kept_and_shown(client: httpx.AsyncClient) -> None:
    created = await create(client, **PERSON)

    customer = created.json()
    assert only(customer, *SHOWN) == SHOWN
    assert [(one["kind"], one["label"], one["primary"]) for one in customer["addresses"]] == [
        ("registered", None, True),
        ("delivery", "仓库", False),
    ]
    assert only(customer, "name_latin", "short_name", "size", "source") == {
        "name_latin": "Li Lei",
        "short_name": None,
        "size": None,
        "source": "展会",
    }
    assert (await client.get(created.headers["location"])).json() == customer


async def test_what_was_read_can_be_sent_back_and_changes_nothing(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    created = await create(client, **PERSON)
    sent = {name: created.json()[name] for name in (*SHOWN, "addresses")}

    answer = await client.patch(created.headers["location"], json=sent, headers=at(created))

    assert (answer.status_code, answer.json()) == (200, created.json())
    assert [row["type"] for row in await service.sql("SELECT type FROM outbox")] == ["customer.created"]


async def test_the_members_of_the_first_version_stand_for_the_primary_entries(client: httpx.AsyncClient) -> None:
    created = await create(client, phone="138 0013 8000", email="a@b.cn", address={"country": "CN", "city": "杭州市"})
    path = created.headers["location"]

    more = await client.patch(path, json={"phone": "139 0013 9000", "registration_id": "HRB 1"}, headers=at(created))
    fewer = await client.patch(path, json={"phone": None, "address": None}, headers=at(more))

    first, second, third = created.json(), more.json(), fewer.json()
    assert [one["number"] for one in first["phones"]] == ["+8613800138000"]
    assert [one["address"] for one in first["emails"]] == ["a@b.cn"]
    assert [(one["kind"], one["city"], one["primary"]) for one in first["addresses"]] == [("other", "杭州市", True)]
    assert (second["phone"], [one["number"] for one in second["phones"]]) == ("+8613900139000", ["+8613900139000"])
    assert second["registrations"] == [{"kind": "other", "number": "HRB 1", "country": None, "primary": True}]
    assert only(third, "phone", "phones", "address", "addresses", "email") == {
        "phone": None,
        "phones": [],
        "address": None,
        "addresses": [],
        "email": "a@b.cn",
    }


@pytest.mark.parametrize(
    ("country", "text", "number"),
    [(None, "021 5888 1234", "+862158881234"), ("GB", "020 7946 0018", "+442079460018")],
)
async def test_numbers_without_a_country_code_are_of_the_customer_s_country(
    client: httpx.AsyncClient, country: str | None, text: str, number: str
) -> None:
    address = {"country": country} if country else None
    at_once = await create(client, phone=text, address=address)
    before = await create(client, address=address)
    later = await client.patch(before.headers["location"], json={"phones": [{"number": text}]}, headers=at(before))

    assert (at_once.json()["phone"], later.json()["phone"]) == (number, number)


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"phone": "4711"}, "/phone", "invalid_phone", "不是 CN 的有效电话号码；请带上区号，或以 + 和国家代码开头"),
    (
        {"phones": [{"number": "13800138000"}, {"number": "1380013800"}]},
        "/phones/1/number",
        "invalid_phone",
        "不是 CN 的有效电话号码；请带上区号，或以 + 和国家代码开头",
    ),
    (
        {"phones": [{"number": "13800138000"}, {"number": "+86 138 0013 8000"}]},
        "/phones/1",
        "duplicate_entry",
        "列表中已有相同的条目",
    ),
    (
        {"emails": [{"address": "a@b.cn", "primary": True}, {"address": "c@b.cn", "primary": True}]},
        "/emails",
        "several_primary",
        "只能有一个主要条目",
    ),
    (
        {"phone": "13900139000", "phones": [{"number": "13800138000"}]},
        "/phone",
        "not_the_primary",
        "与 phones 的主要条目不一致，请只提交其中之一",
    ),
    ({"email": "nobody"}, "/email", "invalid_email", "不是有效的电子邮箱地址"),
    ({"emails": [{"address": "a b@c.cn"}]}, "/emails/0/address", "invalid_email", "不是有效的电子邮箱地址"),
    (
        {"address": {"country": "QQ"}},
        "/address/country",
        "unknown_country",
        "不存在该国家或地区代码（ISO 3166-1 二位字母）",
    ),
    (
        {"addresses": [{"country": "CN", "kind": "holiday"}]},
        "/addresses/0/kind",
        "enum",
        "应为以下值之一：'registered', 'billing', 'delivery' 或 'other'",
    ),
    (
        {"registration_id": "91110000600037341M"},
        "/registration_id",
        "invalid_registration",
        "统一社会信用代码校验位不正确，请核对",
    ),
    (
        {"registrations": [{"kind": "lei", "number": "213800KUD8LAJWSQ9D16"}]},
        "/registrations/0/number",
        "invalid_registration",
        "不是有效的 LEI",
    ),
    (
        {"identity_documents": [{"kind": "resident_id", "number": "110105194912310021"}]},
        "/identity_documents/0/number",
        "invalid_identity_document",
        "居民身份证号码无效：应为 18 位，且校验位正确",
    ),
    (
        {"identity_documents": [{"kind": "passport", "number": "E12345678"}]},
        "/identity_documents",
        "only_for_people",
        "只有个人客户可以登记身份证件",
    ),
]


@pytest.mark.parametrize(("body", "pointer", "code", "zh"), WRONG, ids=[f"{one[2]} {one[1]}" for one in WRONG])
async def test_bad_values_are_refused_with_their_place_and_rule(
    client: httpx.AsyncClient, service: RunningService, body: dict[str, Any], pointer: str, code: str, zh: str
) -> None:
    new = {"name": "甲", **body}

    english = await client.post("/v1/customers", json=new)
    chinese = await client.post("/v1/customers", json=new, headers={"accept-language": "zh"})
    batch = await client.post("/v1/customers/batch", json={"items": [{"name": "乙"}, new]})

    assert (english.status_code, english.json()["code"]) == (422, "invalid_payload")
    assert [(one["pointer"], one["code"]) for one in english.json()["errors"]] == [(pointer, code)]
    assert english.json()["errors"][0]["detail"].isascii()
    assert chinese.json()["errors"] == [{"pointer": pointer, "code": code, "detail": zh}]
    first, second = batch.json()["results"]
    assert (first["status"], second["status"], second["problem"]["status"]) == ("created", "failed", 422)
    assert second["problem"]["errors"] == english.json()["errors"]
    assert [row["name"] for row in await service.sql("SELECT name FROM customers")] == ["乙"]
    assert [row["type"] for row in await service.sql("SELECT type FROM outbox")] == ["customer.created"]


async def test_a_person_with_documents_does_not_become_a_company(client: httpx.AsyncClient) -> None:
    created = await create(client, **PERSON)
    path = created.headers["location"]

    refused = await client.patch(path, json={"kind": "company"}, headers=at(created))
    both = await client.patch(path, json={"kind": "company", "identity_documents": []}, headers=at(created))

    assert [one["pointer"] for one in refused.json()["errors"]] == ["/identity_documents"]
    assert (both.status_code, both.json()["kind"], both.json()["identity_documents"]) == (200, "company", [])


async def test_two_changes_of_the_phones_at_once_do_not_mix(client: httpx.AsyncClient) -> None:
    created = await create(client, phone="13800138000")
    path = created.headers["location"]

    answers = await asyncio.gather(
        *(
            client.patch(path, json={"phones": [{"number": f"1390013900{digit}"}]}, headers=at(created))
            for digit in range(4)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    (winner,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await client.get(path)).json() == winner
    assert len(winner["phones"]) == 1


async def test_the_event_tells_everything_to_whoever_may_have_the_key(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    created = await create(client, **PERSON)
    customer = created.json()

    (row,) = await service.sql("SELECT payload FROM outbox")
    event = CustomerCreated.parse(row["payload"])
    key = (await client.get(f"/v1/subject-keys/{customer['id']}")).json()["key"]
    told = opened(event, tenant_id=agent.tenant_id, key=from_text(key)).state

    assert (event.state.name, event.state.phone, event.state.phones) == ("李雷", None, ())
    assert all(
        word.encode() not in row["payload"] for word in ("13800138000", "浦东新区", "Li.Lei", "11010519491231002X")
    )
    times = dict.fromkeys(("created_at", "updated_at", "status_since", "owner_since"), ...)
    shown = {name: value for name, value in customer.items() if name != "erased_at"}
    assert orjson.loads(told.model_dump_json()) | times == shown | times


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"phone": "13800138000"}, ["李雷"]),
        ({"phone": "+86 21 5888 1234"}, ["李雷"]),
        ({"phone": "13900139000"}, []),
        ({"email": "LI.LEI@example.com"}, ["李雷"]),
        ({"email": "li.lei@example.com", "phone": wide("138-0013-8000")}, ["李雷"]),
        ({"email": "li.lei@example.com", "phone": "13900139000"}, []),
        ({"email": "li.lei@example.com", "filter": "name == '韩梅梅'"}, []),
        ({"filter": 'phone == "138 0013 8000" && name != "x"'}, ["李雷"]),
        ({"filter": 'phone in ["13700137000", "13800138000"]', "sort": "name"}, ["李雷", "韩梅梅"]),
        ({"filter": '"LI.LEI@example.com" in emails'}, ["李雷"]),
        ({"filter": '!("+86 21 5888 1234" in phones)'}, ["韩梅梅"]),
    ],
)
async def test_customers_are_found_by_phone_and_e_mail_however_they_are_typed(
    client: httpx.AsyncClient, query: dict[str, str], names: list[str]
) -> None:
    await create(client, **PERSON)
    await create(client, name="韩梅梅", phone="13700137000")

    page = (await client.get("/v1/customers", params=query | {"count": "exact"})).json()

    assert [item["name"] for item in page["items"]] == names
    assert page["count"] == {"value": len(names), "relation": "eq"}


async def test_what_is_no_phone_number_finds_nothing_and_is_told(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/v1/customers", params=query) for query in ({"phone": "4711"}, {"email": "x"})]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(400, "invalid_parameter")] * 2
    assert ["`phone`" in answers[0].text, "`email`" in answers[1].text] == [True, True]


async def test_the_same_file_again_changes_nothing_however_numbers_are_typed(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    item = {"name": "甲", "external_refs": [{"system": "oa", "external_id": "1"}], "phone": "138-0013-8000"}
    other = item | {"phone": "+86 138 0013 8000"}

    answers = [
        await client.post("/v1/customers/batch", json={"items": [one], "mode": "upsert"}) for one in (item, item, other)
    ]

    assert [answer.json()["results"][0]["status"] for answer in answers] == ["created", "unchanged", "unchanged"]
    assert len(await service.sql("SELECT 1 FROM outbox")) == 1


async def test_what_the_version_before_wrote_in_the_clear_is_sealed(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    old, changed = (await create(client, name="旧")), (await create(client, name="新", email="new@b.cn"))
    await service.sql(
        "UPDATE customers SET phone = '021-58881234', email = 'old@b.cn', email_norm = 'old@b.cn',"
        ' address = \'{"country": "CN", "city": "杭州市"}\''
    )

    await start_worker(service)
    await swept(service, "customers.seal")

    first, second = [(await client.get(one.headers["location"])).json() for one in (old, changed)]
    assert only(first, "phone", "email", "version") == {"phone": "+862158881234", "email": "old@b.cn", "version": 2}
    assert (first["address"]["city"], first["phones"][0]["entered"]) == ("杭州市", "021-58881234")
    assert only(second, "phone", "email", "version") == {"phone": "+862158881234", "email": "new@b.cn", "version": 2}
    clear = await service.sql("SELECT phone, email, email_norm, address FROM customers")
    assert [tuple(row) for row in clear] == [(None, None, None, None)] * 2
    found = (await client.get("/v1/customers", params={"phone": "021 5888 1234"})).json()["items"]
    assert {one["name"] for one in found} == {"旧", "新"}


async def test_a_state_says_since_when_and_why(client: httpx.AsyncClient) -> None:
    created = await create(client)
    path = created.headers["location"]

    body = {"code": "price", "reason": "报价高于竞争对手"}
    churned = await client.post(f"{path}/churn", json=body, headers=at(created))
    wrong = await client.post(f"{path}/activate", json={"code": "price"}, headers=at(churned))
    back = await client.post(f"{path}/activate", json={"code": "won_back"}, headers=at(churned))

    names = ("status", "status_reason", "status_note", "status_since")
    assert only(created.json(), *names) == {
        "status": "prospect",
        "status_reason": None,
        "status_note": None,
        "status_since": created.json()["created_at"],
    }
    assert only(churned.json(), *names) == {
        "status": "churned",
        "status_reason": "price",
        "status_note": "报价高于竞争对手",
        "status_since": churned.json()["updated_at"],
    }
    assert [(one["pointer"], one["code"]) for one in wrong.json()["errors"]] == [("/code", "enum")]
    assert only(back.json(), *names) == {
        "status": "active",
        "status_reason": "won_back",
        "status_note": None,
        "status_since": IsDatetime(iso_string=True),
    }
