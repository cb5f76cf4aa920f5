"""Contacts come in by tables as well: a row for each, with columns as people name them."""

import asyncio
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from crm_platform.context import Caller
from crm_platform.files.rows import Value
from crm_platform.files.writing import Column
from crm_platform.files.xlsx.writer import XlsxWriter
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.contacts.people import Make, Record, Told, problem, read

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROW = {
    "姓名": "王芳",
    "手机": "13800138000；021-58881234",
    "邮箱": "Fang@Example.com",
    "职务": "采购总监",
    "部门": "采购部",
    "决策角色": "决策人",
    "主要联系人": "是",
    "客户名称": "观心科技",
    "生日": "1988年2月29日",
    "微信": "fang88",
    "标签": "VIP",
    "备注": "喜欢喝茶",
    "星座": "双鱼座",
}
HEADER, FANG = tuple(ROW), tuple(ROW.values())


def as_csv(header: Sequence[str], *rows: Sequence[object]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue().encode()


async def send(client: httpx.AsyncClient, content: bytes, *, kind: str = "text/csv", **query: Any) -> Record:
    headers = {"content-type": kind}
    answer = await client.post("/v1/contacts/import", content=content, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    told: Record = answer.json()
    return told


def statuses(answer: Record) -> list[str]:
    return [one["status"] for one in answer["results"]]


async def test_a_row_becomes_a_contact_at_its_customer(client: httpx.AsyncClient, customer: Make, told: Told) -> None:
    company = await customer("观心科技")

    answer = await send(client, as_csv(HEADER, FANG))
    (result,) = answer["results"]
    fang = await read(client, result)

    fields = ["name", "phone", "email", "title", "department", "decision_role", "primary", "customer_name"]
    fields += ["birthday", "wechat", "tags", "notes"]
    assert [(one["name"], one["field"]) for one in answer["columns"]] == list(zip(HEADER, [*fields, None], strict=True))
    assert (result["status"], result["row"], result["line"], result["name"], result["remarks"]) == (
        *("created", 2, 2, "王芳", []),
    )
    assert [(one["number"], one["primary"]) for one in fang["phones"]] == [
        ("+8613800138000", True),
        ("+862158881234", False),
    ]
    names = ("name", "email", "title", "department", "company", "birthday", "tags", "notes")
    said = ("王芳", "Fang@example.com", "采购总监", "采购部", "观心科技", "1988-02-29", ["VIP"], "喜欢喝茶")
    assert tuple(fang[name] for name in names) == said
    assert [(one["kind"], one["account"]) for one in fang["messengers"]] == [("wechat", "fang88")]
    (link,) = fang["links"]
    assert {name: link[name] for name in ("customer_id", "title", "department", "decision_role", "primary")} == {
        "customer_id": company["id"],
        "title": "采购总监",
        "department": "采购部",
        "decision_role": "decision_maker",
        "primary": True,
    }
    assert await told() == [("contact.created", "王芳", 1)]


async def test_given_again_it_changes_nothing_and_takes_nothing_away(
    client: httpx.AsyncClient, customer: Make, told: Told
) -> None:
    company = await customer("观心科技")
    known = await send(client, as_csv(HEADER, FANG))
    fang = await read(client, known["results"][0])
    header = ("Contact Name", "E-Mail", "Mobile", "Job Title")
    less = as_csv(header, ("王 芳", "fang@example.com", "13900139000", "总监"))

    again = await send(client, as_csv(HEADER, FANG))
    more = await send(client, less)
    after = await read(client, fang)
    copy = await send(client, less, mode="create")

    assert [statuses(one) for one in (known, again, more, copy)] == [
        ["created"],
        ["unchanged"],
        ["updated"],
        ["created"],
    ]
    assert [one["number"] for one in after["phones"]] == ["+8613800138000", "+862158881234", "+8613900139000"]
    assert [one["primary"] for one in after["phones"]] == [True, False, False]
    assert (after["title"], after["tags"], after["links"][0]["customer_id"]) == ("总监", ["VIP"], company["id"])
    assert [(type_, version) for type_, _, version in await told()] == [
        *(("contact.created", 1), ("contact.updated", 2), ("contact.created", 1)),
    ]


async def test_customers_are_named_in_three_ways(client: httpx.AsyncClient, customer: Make) -> None:
    code = "91110000600037341L"
    by_code = await customer("远帆科技", registration_id=code)
    by_id = await customer("明灯照明", external_refs=[{"system": "erp", "external_id": "K-7"}])
    twins = [await customer(name, owner_id=None, kind="person") for name in ("李 强", "李强")]
    header = ("编号", "姓名", "客户编号", "统一社会信用代码", "公司", "角色")
    rows = (
        ("C-1", "赵敏", "", code, "随便", "项目经理"),
        ("C-2", "周涛", "K-7", "", "", ""),
        ("C-3", "钱进", "K-8", "", "", ""),
        ("C-4", "孙丽", "", "", "没有的公司", "顾问"),
        ("C-5", "吴刚", "", "", "李强", ""),
        ("C-6", "", "", "", "", ""),
    )
    answer = await send(client, as_csv(header, *rows), system="erp")
    results = answer["results"]
    made = [await read(client, results[number]) for number in (0, 1, 3, 4)]

    assert len(twins) == 2
    assert statuses(answer) == ["created", "created", "failed", "created", "created", "failed"]
    assert (answer["created"], answer["failed"]) == (4, 2)
    assert [[link["customer_id"] for link in one["links"]] for one in made] == [[by_code["id"]], [by_id["id"]], [], []]
    assert made[0]["links"][0]["role"] == "项目经理"
    assert [one["external_refs"] for one in made[:2]] == [
        [{"system": "erp", "external_id": "C-1"}],
        [{"system": "erp", "external_id": "C-2"}],
    ]
    assert [results[number]["problem"]["code"] for number in (2, 5)] == ["customer_unknown", "card_refused"]
    assert [[(one["property"], one["code"]) for one in results[number]["remarks"]] for number in (3, 4)] == [
        [("公司", "customer_unknown"), ("角色", "not_linked")],
        [("公司", "customer_ambiguous")],
    ]
    assert results[3]["remarks"][0]["detail"] == "no customer is called `没有的公司`; kept as text"
    assert made[2]["company"] == "没有的公司"


async def test_a_dry_run_says_the_same_and_does_nothing(client: httpx.AsyncClient, customer: Make, told: Told) -> None:
    await customer("观心科技")
    bad = ("李娜", "12", "no-mail", "", "", "国王", "", "", "", "", "", "", "")
    file = as_csv(HEADER, FANG, FANG, bad)

    tried = await send(client, file, dry_run=True)
    nobody = (await client.get("/v1/contacts")).json()["items"]
    silent = await told()
    done = await send(client, file)

    assert (tried["dry_run"], done["dry_run"], nobody, silent) == (True, False, [], [])
    assert statuses(tried) == statuses(done) == ["created", "unchanged", "created"]
    assert "id" not in tried["results"][0]
    assert [(one["property"], one["code"]) for one in done["results"][2]["remarks"]] == [
        *(("决策角色", "not_a_choice"), ("手机", "invalid_phone"), ("邮箱", "invalid_email")),
    ]
    assert tried["results"][2]["remarks"] == done["results"][2]["remarks"]
    assert len((await client.get("/v1/contacts")).json()["items"]) == 2


async def test_two_who_give_one_file_at_once_enter_it_once(client: httpx.AsyncClient, told: Told) -> None:
    file = as_csv(("姓名", "手机"), ("王芳", "13800138000"), ("赵敏", "13900139000"))

    answers = await asyncio.gather(send(client, file), send(client, file))

    assert sorted(map(statuses, answers)) == [["created"] * 2, ["unchanged"] * 2]
    assert len(await told()) == 2


async def test_a_workbook_is_read_as_well(client: httpx.AsyncClient, customer: Make) -> None:
    company = await customer("观心科技")
    writer = XlsxWriter([Column(name) for name in ("Full name", "Mobile", "Department")])
    rows: list[dict[str, Value]] = [{"Full name": "Anna Meyer", "Mobile": 13800138000, "Department": "Einkauf"}]
    content = b"".join((writer.begin(), writer.write(rows), writer.end()))

    answer = await send(client, content, kind=XLSX, customer_id=company["id"])
    anna = await read(client, answer["results"][0])

    assert (anna["name"], anna["phone"], anna["department"]) == ("Anna Meyer", "+8613800138000", "Einkauf")
    assert [(one["customer_id"], one["department"]) for one in anna["links"]] == [(company["id"], "Einkauf")]


async def test_whoever_may_not_see_a_customer_learns_nothing_of_it(
    client: httpx.AsyncClient, customer: Make, service: RunningService, agent: Caller
) -> None:
    await customer("观心科技", registration_id="91110000600037341L")
    await send(client, as_csv(HEADER, FANG))
    other = replace(agent, id=agent.tenant_id, visibility="own")
    async with service.as_(other) as theirs:
        named = await send(theirs, as_csv(("姓名", "公司"), ("赵敏", "观心科技")))
        numbered = await send(theirs, as_csv(("姓名", "税号"), ("周涛", "91110000600037341L")))
        alike = await send(theirs, as_csv(HEADER, FANG))

    assert [one["code"] for one in named["results"][0]["remarks"]] == ["customer_unknown"]
    assert numbered["results"][0]["problem"]["code"] == "customer_unknown"
    assert statuses(alike) == ["created"]  # the contact that there is, is hidden from them


async def test_what_is_no_table_of_contacts_is_refused(client: httpx.AsyncClient, told: Told) -> None:
    rows = [("某人",)] * 1001
    table = {"content-type": "text/csv"}
    answers = [
        await client.post("/v1/contacts/import", content=content, headers=headers | {"accept-language": "zh"})
        for content, headers in (
            (as_csv(("姓名",), *rows), table),
            (as_csv(("编号", "姓名"), ("1", "某人")), table),
            (b"null", table),
            (as_csv(("手机",), ("13800138000",)), table),
            (b"PK\x03\x04", {"content-type": XLSX}),
            (b"", table),
            (b"x", {"content-type": "application/pdf"}),
        )
    ]

    assert [problem(answer) for answer in answers] == [
        (413, "too_many_cards"),
        (422, "system_missing"),
        (422, "no_column_of_names"),
        (422, "no_column_of_names"),
        (422, "unreadable_file"),
        (422, "unreadable_file"),
        (415, "unsupported_media_type"),
    ]
    assert answers[1].json()["detail"] == "列“编号”包含编号；请通过 `system` 指定所属系统。"
    assert await told() == []


@pytest.mark.parametrize("delimiter", [";", "\t"])
async def test_rows_about_one_person_are_one_contact(client: httpx.AsyncClient, delimiter: str) -> None:
    lines = [
        ("Last name", "First name", "E-mail", "Phone"),
        ("Meyer", "Anna", "a@example.com", ""),
        ("王", "芳", "", "12345"),
    ]
    lines += [("Meyer", "Anna", "A@Example.com", "+49 30 901820"), ("Meyer", "Anna", "other@example.com", "")]
    file = "\r\n".join(delimiter.join(line) for line in lines).encode()

    answer = await send(client, file)
    names = [one["name"] for one in answer["results"]]
    first = await read(client, answer["results"][0])

    assert statuses(answer) == ["created", "created", "updated", "created"]
    assert names == ["Anna Meyer", "王芳", "Anna Meyer", "Anna Meyer"]
    assert answer["results"][2]["id"] == first["id"]
    assert (first["email"], first["phone"]) == ("a@example.com", "+4930901820")
