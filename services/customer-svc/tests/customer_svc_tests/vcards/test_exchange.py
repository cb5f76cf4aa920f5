import io
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm_platform.files.vcard.reader import VcardRows
from customer_svc_tests.contacts.people import Make, Record, Told, problem, read

DATA = Path(__file__).resolve().parents[6] / "shared" / "data" / "vcards"
VCARD = {"content-type": "text/vcard"}
NANA: dict[str, Any] = {
    "name": "欧阳娜娜",
    "family_name": "欧阳",
    "given_name": "娜娜",
    "name_latin": "Ouyang Nana",
    "nickname": "Nana",
    "company": "观心科技（上海）有限公司; 研发, 中心",
    "department": "采购部",
    "title": "采购总监",
    "language": "zh-CN",
    "websites": ["https://ouyang.example/?a=1,2;b"],
    "photo_url": "https://ouyang.example/nana.jpg",
    "tags": ["VIP", "展会, 上海"],
    "phones": [{"number": "021-58881234 转 801", "label": "work fax"}, {"number": "13800138000", "primary": True}],
    "emails": [{"address": "nana@example.com", "label": "私人"}, {"address": "ouyang@example.com", "label": "work"}],
    "addresses": [{"country": "CN", "city": "上海市", "district": "浦东新区", "street": "世纪大道 100 号"}],
    "messengers": [{"kind": "wechat", "account": "ouyang88"}, {"kind": "other", "account": "nana", "label": "aim"}],
    "birthday": "--02-29",
    "notes": "喜欢喝茶;\n不喝咖啡, 谢谢",
}
KEPT = (*NANA.keys() - {"phones", "emails", "addresses", "messengers"}, "phone", "phones", "email", "emails")
KEPT += ("address", "addresses", "messengers")


async def send(client: httpx.AsyncClient, content: bytes | str, **query: Any) -> dict[str, Any]:
    answer = await client.post("/v1/contacts/import", content=content, headers=VCARD, params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def cards(answer: httpx.Response) -> list[dict[str, Any]]:
    rows = list(VcardRows(io.BytesIO(answer.content)).read())
    assert [problem for row in rows for problem in row.problems] == []
    return [row.values for row in rows]


def kept(record: Record) -> Record:
    """What both a contact and a card know; how a number was typed is not on a card."""
    known = {name: record[name] for name in KEPT}
    phones = [{name: value for name, value in one.items() if name != "entered"} for one in record["phones"]]
    return known | {"phones": phones}


@pytest.mark.parametrize("version", ["3.0", "4.0"])
async def test_a_contact_goes_out_as_a_card_and_comes_back_as_it_was(
    client: httpx.AsyncClient, contact: Make, version: str
) -> None:
    nana = await contact(**NANA)

    answer = await client.get(f"/v1/contacts/{nana['id']}", headers={"accept": f"text/vcard; version={version}"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"text/vcard; charset=utf-8; version={version}"
    assert answer.text.startswith(f"BEGIN:VCARD\r\nVERSION:{version}\r\nFN:欧阳娜娜\r\n")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    (card,) = cards(answer)
    assert card["uid"] == f"urn:uuid:{nana['id']}"
    back = [await send(client, answer.content) for _ in range(2)]
    # How the numbers were typed is not on the card; after that nothing is new.
    assert [one["results"][0]["status"] for one in back] == ["updated", "unchanged"]
    assert kept(await read(client, nana)) == kept(nana)
    copy = await send(client, answer.content, mode="create")
    assert [(one["status"], one["remarks"], one["ignored"]) for one in copy["results"]] == [("created", [], [])]
    assert kept(await read(client, copy["results"][0])) == kept(nana)


async def test_a_list_is_one_stream_of_cards(client: httpx.AsyncClient, contact: Make, customer: Make) -> None:
    company = await customer()
    body = [{"name": f"同事{n:03}", "links": [{"customer_id": company["id"]}]} for n in range(450)]
    await client.post("/v1/contacts/batch", json={"items": body})
    await contact("李雷", email="li.lei@example.com")
    accept = {"accept": "text/vcard"}

    everything = await client.get("/v1/contacts", params={"sort": "name", "limit": 3}, headers=accept)
    some = await client.get("/v1/contacts", params={"filter": "name == '同事007'"}, headers=accept)
    sought = await client.get("/v1/contacts", params={"email": "LI.LEI@example.com"}, headers=accept)

    assert [card["fn"] for card in cards(everything)] == [f"同事{n:03}" for n in range(450)] + ["李雷"]
    assert [card["fn"] for card in cards(some)] == ["同事007"]
    assert [(card["fn"], card["email"][0]["value"]) for card in cards(sought)] == [("李雷", "li.lei@example.com")]
    assert everything.headers["content-disposition"] == 'attachment; filename="contacts.vcf"'


async def test_a_file_gets_a_result_for_each_card(client: httpx.AsyncClient, customer: Make, told: Told) -> None:
    company = await customer()
    file = "\r\n".join(
        [
            *("BEGIN:VCARD", "VERSION:4.0", "UID:a-1", "FN:王芳", "TITLE:总监", "TEL:12", "GENDER:F", "END:VCARD"),
            *("BEGIN:VCARD", "VERSION:4.0", "KIND:group", "FN:全体", "END:VCARD"),
            *("BEGIN:VCARD", "VERSION:4.0", "FN:", "END:VCARD"),
            *("BEGIN:VCARD", "VERSION:3.0", "FN:李雷", f"ROLE:{'x' * 201}", f"TITLE:{'x' * 201}", "END:VCARD"),
            *("BEGIN:VCARD", "VERSION:4.0", "UID:a-1", "FN:王芳芳", "END:VCARD"),
            "stray",
            "",
        ]
    )

    answer = await send(client, file, customer_id=company["id"])

    results = answer["results"]
    assert [(one["line"], one["name"], one["status"]) for one in results] == [
        (1, "王芳", "created"),
        (9, "全体", "failed"),
        (14, "", "failed"),
        (18, "李雷", "failed"),
        (24, "王芳芳", "updated"),
        (29, None, "failed"),
    ]
    assert {name: answer[name] for name in ("created", "updated", "unchanged", "failed")} == {
        "created": 1,
        "updated": 1,
        "unchanged": 0,
        "failed": 4,
    }
    assert ([one["code"] for one in results[0]["remarks"]], results[0]["ignored"]) == (["invalid_phone"], ["gender"])
    assert [one["problem"]["code"] for one in results[1:4]] == ["card_refused", "card_refused", "invalid_payload"]
    assert results[3]["problem"]["errors"][0]["pointer"] == "/title"
    fang = await read(client, results[0])
    assert (fang["name"], fang["title"]) == ("王芳芳", "总监")
    assert [(one["number"], one["entered"]) for one in fang["phones"]] == [(None, "12")]
    assert [(link["customer_id"], link["title"]) for link in fang["links"]] == [(company["id"], "总监")]
    assert fang["external_refs"] == [{"system": "vcard", "external_id": "a-1"}]
    assert await told() == [("contact.created", "王芳", 1), ("contact.updated", "王芳芳", 2)]
    again = await send(client, file.replace("王芳芳", "王芳"), customer_id=company["id"])
    assert [one["status"] for one in again["results"]][::4] == ["updated", "unchanged"]


async def test_what_is_no_file_of_cards_is_refused(client: httpx.AsyncClient, told: Told) -> None:
    kind = await client.post("/v1/contacts/import", json={"a": 1})
    empty = await client.post("/v1/contacts/import", content=b"", headers=VCARD)
    country = await client.post("/v1/contacts/import", content=b"x", headers=VCARD, params={"country": "XX"})
    many = "BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n" * 1001
    too_many = await client.post("/v1/contacts/import", content=many, headers=VCARD | {"accept-language": "zh"})
    nobody = await client.post(
        "/v1/contacts/import",
        content=many[:30],
        headers=VCARD,
        params={"customer_id": "0199b7a0-0000-7000-8000-000000000001"},
    )

    assert problem(kind) == (415, "unsupported_media_type")
    assert problem(empty) == (422, "unreadable_file")
    assert country.status_code == 400
    assert problem(too_many) == (413, "too_many_cards")
    assert "1000" in too_many.json()["detail"]
    assert nobody.json()["results"][0]["problem"]["code"] == "customer_of_contact_missing"
    assert await told() == []


FILES = sorted(DATA.glob("*.vcf"))


@pytest.mark.skipif(not FILES, reason="the shared data is not there")
async def test_cards_of_real_programs_come_in_and_go_out(client: httpx.AsyncClient, told: Told) -> None:
    content = b"".join(file.read_bytes() + b"\r\n" for file in FILES)

    answer = await send(client, content, country="US")

    results = answer["results"]
    assert [(one["name"], one["status"]) for one in results] == [
        ("Mr. John Richter, James Doe Sr.", "created"),
        ("Mr. John Richter James Doe Sr.", "created"),
        ("Prefix FirstName MiddleName LastName Suffix", "created"),
        ("Greg Dartmouth", "created"),
        ("VCard Test", "created"),
        ("Frank Dawson", "created"),
        ("Tim Howes", "created"),
        ("Simon Perreault", "created"),
    ]
    assert len(await told()) == 8
    people = [await read(client, one) for one in results]
    simon = people[7]
    assert (simon["phone"], simon["birthday"], simon["language"]) == ("+14186569254;ext=102", "--02-03", "fr")
    assert (simon["honorific_suffix"], simon["company"]) == ("ing. jr, M.Sc.", "Viagenie")
    assert simon["addresses"][0]["street"] == "Suite D2-630, 2875 Laurier"
    assert [one["country"] for one in simon["addresses"]] == ["CA"]
    assert [(one["kind"], one["account"], one["label"]) for one in people[4]["messengers"]] == [
        ("qq", "IM6", None),
        ("skype", "IM5", None),
        ("xmpp", "IM9", None),
        ("xmpp", "IM2", None),
        ("other", "IM3", "aim"),
        ("other", "IM4", "yahoo"),
        ("other", "IM7", "msn"),
        ("other", "IM8", "icq"),
    ]
    iphone = people[1]
    assert (iphone["nickname"], iphone["department"], iphone["birthday"]) == ("Johny", "Accounting", "2012-06-06")
    assert [one["label"] for one in iphone["phones"]] == [
        None,
        "home",
        "work",
        "home fax",
        "work fax",
        "AssistantPhone",
        "pager",
    ]
    assert [(one["number"], one["entered"]) for one in iphone["phones"]][-1] == (None, "905-111-1234")
    out = await client.get("/v1/contacts", params={"sort": "created_at"}, headers={"accept": "text/vcard"})
    copies = await send(client, out.content, mode="create", country="US")
    again = [kept(await read(client, one)) for one in copies["results"]]
    assert sorted(map(str, again)) == sorted(str(kept(one)) for one in people)
