"""What a mapping does to cells, and fields that files have in other shapes than we."""

from typing import Any

import pytest

from crm_contracts.imports.v1 import MappedColumn
from customer_svc.imports.rows.transforms import shaped
from customer_svc_tests.imports.support import Importer, as_csv


@pytest.mark.parametrize(
    ("cells", "options", "expected"),
    [
        ({"a": " x "}, {}, " x "),
        ({"a": "  "}, {}, None),
        ({"a": "张", "b": "三"}, {"join_with": ["b"], "joiner": ""}, "张三"),
        ({"a": "12", "b": None, "c": 5.0}, {"join_with": ["b", "c"]}, "12 5"),
        ({"a": None, "b": None}, {"join_with": ["b"]}, None),
        ({"a": "浦东新区/张江路 1 号"}, {"split_by": "/", "take": 2}, "张江路 1 号"),
        ({"a": "A-7-北"}, {"split_by": "-", "take": -1}, "北"),
        ({"a": "A-7"}, {"split_by": "-", "take": 3}, None),
        ({"a": "ACME holding"}, {"case": "title"}, "Acme Holding"),
        ({"a": ["a,b", "c"]}, {"split_by": ",", "case": "upper"}, ["A", "C"]),
        ({"a": 7}, {"case": "upper"}, 7),
    ],
)
def test_cells_are_joined_split_and_written_otherwise(
    cells: dict[str, Any], options: dict[str, Any], expected: object
) -> None:
    assert shaped(cells, MappedColumn(column="a", field="name", **options)) == expected


def column(name: str, field: str, **options: Any) -> dict[str, Any]:
    return {"column": name, "field": field} | options


async def test_a_file_in_another_shape_than_ours(importer: Importer) -> None:
    header = ("Code", "Firma", "Ort", "Staat", "Seit", "Leute", "Tel", "Klasse")
    rows = [
        ["K-1/old", "ACME TRADING", "Berlin", "Germany", "5/3/2010", "约 50 人", "030 0074321 / 030-5557788", "gold"],
        ["K-2/old", "WOLSKI ZAJAZD", "Warszawa", "波兰", "2012年5月", "1,200", "", ""],
    ]
    columns = [
        column("Code", "external_id", split_by="/", take=1),
        column("Firma", "name", case="title"),
        column("Ort", "street", join_with=["Staat"], joiner=", "),
        column("Staat", "country"),
        column("Seit", "founded_year"),
        column("Leute", "employees"),
        column("Tel", "phone"),
        column("Klasse", "grade", values={"gold": "A"}),
    ]
    constants = {"source": "旧系统", "grade": "C"}
    body = {
        "columns": columns,
        "system": "old",
        "constants": constants,
        "date_order": "day_first",
        "bad_cells": "refuse",
    }
    _, counters = await importer.imported(as_csv(rows, header), body=body)

    acme, wolski = await importer.customers()
    assert counters == {"created": 2}
    assert (acme["name"], acme["external_refs"][0]["external_id"], acme["founded_year"]) == (
        "Acme Trading",
        "K-1",
        2010,
    )
    assert (acme["address"]["country"], acme["address"]["street"]) == ("DE", "Berlin, Germany")
    assert [one["number"] for one in acme["phones"]] == ["+49300074321", "+49305557788"]
    assert (acme["employees"], acme["grade"], acme["source"]) == (50, "A", "旧系统")
    assert (wolski["name"], wolski["address"]["country"], wolski["founded_year"]) == ("Wolski Zajazd", "PL", 2012)
    assert (wolski["employees"], wolski["grade"]) == (1200, "C")


async def test_people_in_several_columns(importer: Importer) -> None:
    header = ("first name", "surname", "身份证号", "公司", "email")
    rows = [
        ["Ada", "Lovelace", "", "", "ada@example.org"],
        ["三", "张", "11010519491231002X", "", ""],
        ["Jan", "Novák", "", "Tesla Nová a.s.", "jan@tesla.example"],
        ["三", "李", "110105194912310021", "", ""],
    ]
    fields = ("given_name", "family_name", "identity_number", "name", "email")
    given = await importer.give(as_csv(rows, header))
    path, counters = await importer.imported(as_csv(rows, header), columns=dict(zip(header, fields, strict=True)))
    _, again = await importer.imported(as_csv(rows[:3], header), columns=dict(zip(header, fields, strict=True)))

    assert [one["field"] for one in given["columns"]] == list(fields)
    assert (counters, again) == ({"created": 3, "failed": 1}, {"unchanged": 3})
    assert "身份证" in (await importer.text(f"{path}/report")).splitlines()[4]
    found = {one["name"]: one for one in await importer.customers()}
    assert {name: one["kind"] for name, one in found.items()} == {
        "Ada Lovelace": "person",
        "张三": "person",
        "Tesla Nová a.s.": "company",
    }
    assert found["张三"]["identity_documents"] == [
        {"kind": "resident_id", "number": "11010519491231002X", "country": "CN"}
    ]


async def test_people_share_names_and_are_not_taken_for_each_other(importer: Importer) -> None:
    header = ("姓名", "手机", "城市")
    rows = [
        ["王伟", "13800138000", "上海"],
        ["王伟", "13900139000", "上海"],
        ["王伟", "", "北京"],
        ["王伟", "", "北京"],
        ["王伟", "", "广州"],
    ]
    choices: dict[str, Any] = {"kind": "person", "alike": "ignore"}
    columns = dict(zip(header, ("name", "phone", "city"), strict=True))
    tried_path = await importer.mapped(as_csv(rows, header), columns=columns, **choices)
    tried = await importer.done(tried_path, "check")
    done = await importer.done(tried_path, "run")
    again = await importer.done(tried_path, "run")

    assert tried["counters"] == done["counters"] == {"created": 4, "skipped": 1}
    assert again["counters"] == {"unchanged": 4, "skipped": 1}
    assert len(await importer.customers()) == 4


async def test_a_row_enters_without_its_bad_cells_where_that_is_wanted(importer: Importer) -> None:
    header = ("公司名称", "电话", "邮箱", "员工数", "城市")
    rows = [["观心科技", "12；13800138000", "no-mail", "很多", "上海"], ["", "13900139000", "", "7", ""]]
    columns = dict(zip(header, ("name", "phone", "email", "employees", "city"), strict=True))
    path = await importer.mapped(as_csv(rows, header), columns=columns, bad_cells="leave_out")
    body = (await importer.get(path))["mapping"]["columns"]
    assert body[0]["join_with"] == []
    done = await importer.done(path, "run")
    (made,) = await importer.customers()
    report = (await importer.text(f"{path}/report")).splitlines()
    errors = (await importer.text(f"{path}/errors")).splitlines()

    assert done["counters"] == {"created": 1, "failed": 1}
    assert (made["email"], made["employees"], made["address"]["city"]) == (None, None, "上海")
    assert ",created," in report[1]
    assert "cells_left_out" in report[1]
    assert [line.partition(",")[0] for line in errors[1:]] == ["观心科技", ""]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"columns": [column("公司名称", "name", join_with=["没有"])]}, "没有"),
        ({"columns": [column("公司名称", "name", split_by="-", take=0)]}, "take"),
        ({"columns": [column("公司名称", "name")], "constants": {"nothing": "x"}}, "nothing"),
        ({"columns": [column("公司名称", "name")], "constants": {"grade": "很高"}}, "很高"),
        ({"columns": [column("公司名称", "name"), column("编号", "parent_external_id")]}, "system"),
        ({"columns": [column("公司名称", "name"), column("员工数", "credit_limit", currency="RMB")]}, "write `CNY`"),
    ],
)
async def test_what_cannot_be_done_is_told_when_it_is_mapped(
    importer: Importer, body: dict[str, Any], text: str
) -> None:
    found = await importer.give(as_csv([["K-1", "观心", *[""] * 7]]))
    answer = await importer.client.put(
        f"/v1/imports/{found['id']}/mapping", json=body, headers={"if-match": f'"{found["version"]}"'}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "mapping_not_possible")
    assert text in answer.json()["detail"]
