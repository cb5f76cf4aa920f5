"""Rows that are about each other: parents, rows that are much alike, and people who were erased."""

import pytest

from customer_svc.imports.operations import ROWS
from customer_svc_tests.imports.support import Importer, as_csv

HEADER = ("编号", "公司名称", "母公司", "手机", "城市")
FILLING = [[f"F-{number}"] for number in range(ROWS)]
"""Rows with cells missing, which nobody can read: behind them another portion begins."""
TRIED = ("trial_keys", "trial_records", "import_row_keys")
COLUMNS = dict(zip(HEADER, ("external_id", "name", "parent_name", "phone", "city"), strict=True))


async def test_companies_are_put_under_their_parents_wherever_these_stand(importer: Importer) -> None:
    await importer.imported(as_csv([["P-0", "远山控股集团", "", "", ""]], HEADER), columns=COLUMNS)
    rows = [
        ["P-1", "观心软件子公司", "观心科技母公司", "", ""],
        ["P-2", "观心科技母公司", "观心科技母公司", "", ""],
        ["P-3", "远山贸易分支", "远山控股集团", "", ""],
        ["P-4", "孤儿制造厂", "没有的集团", "", ""],
    ]
    path = await importer.mapped(as_csv(rows, HEADER), columns=COLUMNS, alike="ignore")
    tried = await importer.done(path, "check")
    done = await importer.done(path, "run")
    again = await importer.done(path, "run")
    found = {one["name"]: one for one in await importer.customers()}
    report = (await importer.text(f"{path}/report")).splitlines()

    assert tried["counters"] == done["counters"] == {"created": 3, "failed": 1}
    assert again["counters"] == {"unchanged": 3, "failed": 1}
    assert ",parent_unknown," in report[4]
    assert found["观心软件子公司"]["parent_id"] == found["观心科技母公司"]["id"]
    assert found["观心科技母公司"]["parent_id"] is None
    assert found["远山贸易分支"]["parent_id"] == found["远山控股集团"]["id"]

    undone = await importer.done(path, "undo")
    assert undone["counters"] == {"removed": 3}
    assert [one["name"] for one in await importer.customers()] == ["远山控股集团"]


async def test_nobody_comes_to_be_above_itself(importer: Importer) -> None:
    rows = [["P-1", "上层公司", "", "", ""], ["P-2", "下层工厂", "上层公司", "", ""]]
    await importer.imported(as_csv(rows, HEADER), columns=COLUMNS, alike="ignore")
    loop = [["P-1", "上层公司", "下层工厂", "", ""], ["P-3", "旁系商店", "下层工厂", "", ""]]
    path, counters = await importer.imported(as_csv(loop, HEADER), columns=COLUMNS, alike="ignore")
    (result, _) = await importer.results((await importer.get(path))["run_ids"][0])
    found = {one["name"]: one for one in await importer.customers()}

    assert counters == {"failed": 1, "created": 1}
    assert result["problem"]["code"] == "parent_loop"
    assert found["上层公司"]["parent_id"] is None
    assert found["旁系商店"]["parent_id"] == found["下层工厂"]["id"]


async def test_rows_that_are_much_alike_are_seen_before_anything_is_written(importer: Importer) -> None:
    rows = [
        ["", "上海观心信息技术有限公司", "", "13800138000", "上海"],
        ["", "杭州远山贸易有限公司", "", "", "杭州"],
        ["", "上海观心信息枝术有限公司", "", "13800138001", "上海"],
    ]
    flagged = await importer.mapped(as_csv(rows, HEADER), columns=COLUMNS)
    skipping = await importer.mapped(as_csv(rows, HEADER), columns=COLUMNS, alike="skip")
    told = await importer.done(flagged, "check")
    tried, done = [await importer.done(skipping, action) for action in ("check", "run")]
    lines = (await importer.text(f"{flagged}/report")).splitlines()

    assert told["counters"] == {"created": 3}
    assert lines[3].startswith("4,created,,alike_in_file,Row 2 of the file is probably about the same")
    assert tried["counters"] == done["counters"] == {"created": 2, "skipped": 1}
    assert [one["name"] for one in await importer.customers()] == [rows[0][1], rows[1][1]]


async def test_people_who_were_erased_do_not_come_back(importer: Importer) -> None:
    header = ("编号", "姓名", "手机", "邮箱")
    columns = dict(zip(header, ("external_id", "name", "phone", "email"), strict=True))
    erased = ["Z-1", "陈忘川", "13800138000", "chen@example.com"]
    other = ["Z-9", "林记得", "13900139000", ""]
    await importer.imported(as_csv([erased], header), columns=columns, kind="person")
    (known,) = await importer.customers()
    request = {
        "subject_kind": "customer",
        "subject_id": known["id"],
        "basis": "consent_withdrawn",
        "requester": "subject",
    }
    answer = await importer.client.post("/v1/erasures", json=request)
    assert answer.status_code == 201, answer.text
    rows = [erased, ["Z-2", "陈忘川", "138 0013 8000", ""], ["Z-3", "别名", "", "CHEN@example.com"], other]
    path = await importer.mapped(as_csv(rows, header), columns=columns, kind="person", alike="ignore")
    tried, done = [await importer.done(path, action) for action in ("check", "run")]
    codes = [(one["problem"] or {}).get("code") for one in await importer.results(done["id"])]

    assert tried["counters"] == done["counters"] == {"failed": 3, "created": 1}
    assert codes == ["person_erased"] * 3 + [None]
    assert {one["name"] for one in await importer.customers()} - {known["name"]} >= {"林记得"}
    assert len(await importer.customers()) == 2


@pytest.mark.parametrize("alike", ["flag", "merge"])
async def test_a_dry_run_sees_all_rows_of_the_file_as_the_run_does(importer: Importer, alike: str) -> None:
    await importer.imported(
        as_csv([["", "苏州明灯照明股份有限公司", "", "13700137000", "苏州"]], HEADER), columns=COLUMNS
    )
    nameless = [["", "", "", "", "上海"]] * ROWS
    rows = [
        ["", "上海观心信息技术有限公司", "", "13800138000", "上海"],
        ["", "苏州明灯照明股份有限公司", "", "13700137001", "苏州"],
        ["", "杭州远山贸易有限公司", "", "", "杭州"],
        *nameless,
        ["", "苏州明燈照明股份有限公司", "", "13700137001", "苏州"],
        ["", "上海观心信息枝术有限公司", "", "13800138001", "上海"],
        *nameless,
        ["", "上海观心信息技术有限公司", "", "", "上海"],
        ["", "上海观心信息抆术有限公司", "", "13800138000", "上海"],
    ]

    path = await importer.mapped(as_csv(rows, HEADER), columns=COLUMNS, alike=alike, match_by=["external_id", "name"])
    tried = await importer.done(path, "check")
    foreseen = await importer.report(path)
    left = [await importer.sql(f"SELECT FROM {table} WHERE true") for table in TRIED]
    done = await importer.done(path, "run")
    happened = await importer.report(path)

    told = [line for line in foreseen if line["code"] != "name_missing"]
    other = "created" if alike == "flag" else "skipped"
    assert [(line["outcome"], line["code"]) for line in told] == [
        ("created", ""),
        ("updated", ""),
        ("created", ""),
        (other, "alike_exists"),
        (other, "alike_in_file"),
        ("skipped", "row_repeated"),
        (other, "alike_in_file"),
    ]
    likes = [line["reason"].split(" of the file")[0] for line in told if line["code"] == "alike_in_file"]
    assert likes == ["Row 2", f"Row {ROWS + 6}" if alike == "flag" else "Row 2"]
    assert [without_new(line) for line in foreseen] == [without_new(line) for line in happened]
    assert tried["counters"] == done["counters"]
    assert left == [[], [], []]


async def told_and_done(importer: Importer, path: str) -> list[tuple[str, str]]:
    """Outcome and code of each row but those that only fill portions, after both have told the same."""
    told = []
    for action in ("check", "run"):
        await importer.done(path, action)
        lines = await importer.report(path)
        told.append([(one["outcome"], one["code"]) for one in lines if one["code"] != "row_refused"])
    assert told[0] == told[1]
    assert [await importer.sql(f"SELECT FROM {table} WHERE true") for table in TRIED] == [[], [], []]
    return told[1]


async def test_a_dry_run_knows_parents_as_earlier_portions_leave_them(importer: Importer) -> None:
    header = ("编号", "公司名称", "母公司")
    columns = dict(zip(header, ("external_id", "name", "parent_name"), strict=True))
    choices = {"columns": columns, "alike": "ignore", "match_by": ["external_id"]}
    known = [
        ["K-1", "远山控股集团", ""],
        ["K-2", "明灯照明股份", ""],
        ["K-3", "云海餐饮管理", ""],
        ["K-4", "北斗导航设备", ""],
        ["K-5", "青竹文具商店", "北斗导航设备"],
    ]
    await importer.imported(as_csv(known, header), **choices)
    rows = [
        ["N-1", "金穗粮油集团", ""],
        ["K-1", "远山投资集团", ""],
        ["N-2", "赤壁船舶修造", ""],
        ["N-3", "赤壁船舶修造", ""],
        ["K-3", "云海餐饮管理", "青竹文具商店"],
        ["N-4", "银河软件开发", "金穗粮油集团"],
        *FILLING,
        ["K-2", "明灯照明股份", "金穗粮油集团"],
        ["N-5", "孤山旅行社", "远山控股集团"],
        ["N-6", "长河物流运输", "远山投资集团"],
        ["N-7", "白塔印刷包装", "赤壁船舶修造"],
        ["K-4", "北斗导航设备", "云海餐饮管理"],
        ["N-1", "金穗粮油集团", "银河软件开发"],
    ]
    path = await importer.mapped(as_csv(rows, header), **choices)
    came = await told_and_done(importer, path)
    found = {one["name"]: one for one in await importer.customers() if one["name"] != "赤壁船舶修造"}

    assert came[:6] == [("created", ""), ("updated", ""), *[("created", "")] * 2, ("updated", ""), ("created", "")]
    assert came[6:] == [
        ("updated", ""),
        ("failed", "parent_unknown"),
        ("created", ""),
        ("failed", "parent_ambiguous"),
        ("failed", "parent_loop"),
        ("skipped", "row_repeated"),
    ]
    assert found["明灯照明股份"]["parent_id"] == found["金穗粮油集团"]["id"] == found["银河软件开发"]["parent_id"]
    assert found["长河物流运输"]["parent_id"] == found["远山投资集团"]["id"]
    assert found["北斗导航设备"]["parent_id"] is None


async def test_a_dry_run_knows_names_that_earlier_portions_have_given_up(importer: Importer) -> None:
    header, columns = ("编号", "公司名称"), {"编号": "external_id", "公司名称": "name"}
    await importer.imported(as_csv([["K-1", "远山控股集团"]], header), columns=columns)
    rows = [["K-1", "远山投资集团"], *FILLING, ["", "远山控股集团"], ["", "远山投资集团"]]
    path = await importer.mapped(as_csv(rows, header), columns=columns, alike="ignore")

    assert await told_and_done(importer, path) == [("updated", ""), ("created", ""), ("skipped", "row_repeated")]
    assert [one["name"] for one in await importer.customers()] == ["远山投资集团", "远山控股集团"]


async def test_a_dry_run_knows_unique_values_of_earlier_portions(importer: Importer) -> None:
    field = {
        "resource": "customers",
        "key": "code",
        "label": {"en": "Code", "zh": "代码"},
        "type": "text",
        "unique": True,
        "max_length": 40,
    }
    answer = await importer.client.post("/v1/custom-fields", json=field)
    assert answer.status_code == 201, answer.text
    header = ("编号", "公司名称", "代码")
    columns = dict(zip(header, ("external_id", "name", "custom.code"), strict=True))
    known = [["K-1", "远山控股集团", "old"], ["K-2", "明灯照明股份", "kept"]]
    await importer.imported(as_csv(known, header), columns=columns, alike="ignore")
    rows = [
        ["N-1", "金穗粮油集团", "one"],
        ["K-1", "远山控股集团", "new"],
        ["N-2", "赤壁船舶修造", "kept"],
        *FILLING,
        ["N-3", "孤山旅行社", "one"],
        ["N-4", "长河物流运输", "old"],
        ["N-5", "白塔印刷包装", "new"],
        ["N-6", "银河软件开发", "two"],
        *FILLING,
        ["K-2", "明灯照明股份", "two"],
        ["N-7", "云海餐饮管理", "old"],
    ]
    path = await importer.mapped(as_csv(rows, header), columns=columns, alike="ignore")

    assert await told_and_done(importer, path) == [
        ("created", ""),
        ("updated", ""),
        ("failed", "already_exists"),
        ("failed", "already_exists"),
        ("created", ""),
        ("failed", "already_exists"),
        ("created", ""),
        ("failed", "already_exists"),
        ("failed", "already_exists"),
    ]
    assert {one["name"]: one["custom"].get("code") for one in await importer.customers()} == {
        "金穗粮油集团": "one",
        "远山控股集团": "new",
        "明灯照明股份": "kept",
        "长河物流运输": "old",
        "银河软件开发": "two",
    }


def without_new(line: dict[str, str]) -> dict[str, str]:
    """A line of a report without the id of whom it has entered, whom a dry run does not enter."""
    return line | {"customer_id": ""} if line["outcome"] == "created" else line
