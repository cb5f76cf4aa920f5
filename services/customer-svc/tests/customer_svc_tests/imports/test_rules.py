"""By what customers are recognised, and what of those that are alike or not the caller's."""

from typing import Any

import pytest

from crm_platform.context import Caller
from crm_platform.testing.identity import colleague
from customer_svc_tests.imports.support import Importer, as_csv, mapping

KNOWN = ["K-1", "上海观心科技有限公司", "91310000MA1FL8B97X", "13800138000", "a@guanxin.cn", "上海", "", "", ""]
OTHER = ["K-2", "杭州远山贸易有限公司", "", "13900139000", "b@yuanshan.cn", "杭州", "", "", ""]


def row(**cells: str) -> list[str]:
    places = {"id": 0, "name": 1, "registration": 2, "phone": 3, "email": 4, "city": 5, "staff": 6, "grade": 7}
    made = [""] * 9
    for name, text in cells.items():
        made[places[name]] = text
    return made


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"id": "K-1", "name": "改了名的公司"}, "updated"),
        ({"name": "改了名的公司", "registration": "91310000ma1fl8b97x"}, "updated"),
        ({"name": "改了名的公司", "email": "A@Guanxin.CN"}, "updated"),
        ({"name": "改了名的公司", "phone": "+86 138-0013-8000"}, "updated"),
        ({"name": "上海观心科技 有限公司", "grade": "B"}, "updated"),
        ({"id": "K-7", "name": "上海观心科技有限公司"}, "created"),
        ({"name": "上海观心科技有限公司", "registration": "91110108551385082Q"}, "created"),
        ({"name": "全新公司", "phone": "13700137000"}, "created"),
    ],
)
async def test_each_rule_recognises_a_customer(importer: Importer, cells: dict[str, str], expected: str) -> None:
    await importer.imported(as_csv([KNOWN, OTHER]))
    _, counters = await importer.imported(as_csv([row(**cells)]), alike="ignore")

    assert counters == {expected: 1}
    assert len(await importer.customers()) == (3 if expected == "created" else 2)


@pytest.mark.parametrize(
    ("mode", "expected", "code"),
    [
        ("create", {"skipped": 1, "created": 1}, "already_known"),
        ("update", {"updated": 1, "skipped": 1}, "not_known"),
        ("create_or_update", {"updated": 1, "created": 1}, None),
    ],
)
async def test_modes(importer: Importer, mode: str, expected: dict[str, int], code: str | None) -> None:
    await importer.imported(as_csv([KNOWN]))
    path, counters = await importer.imported(
        as_csv([row(id="K-1", name="上海观心科技有限公司", staff="7"), OTHER]), mode=mode, alike="ignore"
    )
    results = await importer.results((await importer.get(path))["run_ids"][-1])

    assert counters == expected
    assert [one["problem"]["code"] for one in results if one["problem"]] == ([code] if code else [])


async def test_several_customers_of_one_name_are_not_guessed_between(importer: Importer) -> None:
    twins = [row(id="K-1", name="双子公司"), row(id="K-2", name="双子公司")]
    _, first = await importer.imported(as_csv(twins), alike="ignore", match_by=["external_id"])
    path, counters = await importer.imported(as_csv([row(name="双子公司", grade="A")]), alike="ignore")
    (result,) = await importer.results((await importer.get(path))["run_ids"][0])

    assert (first, counters) == ({"created": 2}, {"failed": 1})
    assert result["problem"]["code"] == "ambiguous_match"


@pytest.mark.parametrize(
    ("alike", "expected"),
    [("ignore", {"created": 1}), ("flag", {"created": 1}), ("skip", {"skipped": 1}), ("merge", {"updated": 1})],
)
async def test_who_is_much_alike(importer: Importer, alike: str, expected: dict[str, int]) -> None:
    await importer.imported(as_csv([row(name="上海观心信息技术有限公司", phone="13800138000", city="上海")]))
    slip = row(name="上海观心信息枝术有限公司", phone="13800138000", city="上海", grade="A")
    path, counters = await importer.imported(as_csv([slip]), alike=alike, match_by=["email"])
    (result,) = await importer.results((await importer.get(path))["run_ids"][0])
    codes: dict[str, Any] = {"flag": "alike_exists", "skip": "alike_exists"}

    assert counters == expected
    assert (result["problem"] or {}).get("code") == codes.get(alike)


async def test_what_the_row_leaves_empty_stays_and_lists_only_grow(importer: Importer) -> None:
    first = row(id="K-1", name="某公司", phone="13800138000", email="a@example.com", city="上海", grade="A")
    await importer.imported(as_csv([first]))
    await importer.imported(as_csv([row(id="K-1", name="某公司", phone="13900139000", staff="3")]))
    (now,) = await importer.customers()

    assert [phone["number"] for phone in now["phones"]] == ["+8613800138000", "+8613900139000"]
    assert (now["phone"], now["email"], now["grade"], now["employees"]) == ("+8613800138000", "a@example.com", "A", 3)
    assert (now["address"]["city"], now["version"]) == ("上海", 2)


async def test_customers_of_others_are_neither_changed_nor_shown(importer: Importer, agent: Caller) -> None:
    await importer.imported(as_csv([KNOWN]))
    other = colleague(agent, visibility="own")
    async with importer.service.as_(other) as client:
        theirs = Importer(importer.service, other, client)
        path, counters = await theirs.imported(as_csv([row(id="K-1", name="抢来的客户")]))
        (result,) = await theirs.results((await theirs.get(path))["run_ids"][0])

        assert (counters, result["problem"]["code"], result["subject_id"]) == (
            {"failed": 1},
            "customer_not_yours",
            None,
        )
        assert (await theirs.get("/v1/imports"))["items"][0]["owner_id"] == str(other.id)
        assert len((await theirs.get("/v1/imports"))["items"]) == 1
    (untouched,) = await importer.customers()
    assert (untouched["name"], untouched["version"]) == (KNOWN[1], 1)


async def test_a_namesake_whom_others_have_stands_in_nobodys_way(importer: Importer, agent: Caller) -> None:
    await importer.imported(as_csv([row(name="王芳", phone="13800138000", city="上海")]), kind="person")
    other = colleague(agent, visibility="own")
    async with importer.service.as_(other) as client:
        theirs = Importer(importer.service, other, client)
        rows = [row(name="王芳", phone="13900139000", city="上海"), row(name="王芳", city="上海")]
        _, counters = await theirs.imported(as_csv(rows), kind="person", match_by=["name"])

        assert counters == {"created": 1, "skipped": 1}
        assert [one["phone"] for one in await theirs.customers()] == ["+8613900139000"]
    assert len(await importer.customers()) == 2


async def test_amounts_of_rows_are_in_currencies_in_use(importer: Importer) -> None:
    header = ("公司名称", "信用额度")
    rows = [["远山控股", "12 万 RMB"], ["明灯照明", "XYZ 5"], ["银河软件", "1,000 日元"]]
    columns = dict(zip(header, ("name", "credit_limit"), strict=True))
    path, counters = await importer.imported(as_csv(rows, header), columns=columns)
    report = await importer.report(path)

    assert counters == {"created": 2, "failed": 1}
    assert {one["name"]: one["credit_limit"] for one in await importer.customers()} == {
        "远山控股": {"amount": "120000", "currency": "CNY"},
        "银河软件": {"amount": "1000", "currency": "JPY"},
    }
    told = "row 3, column 信用额度: The currency of `XYZ 5`, XYZ, is not in use by ISO 4217."
    assert [line["reason"] for line in report] == ["", told, ""]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (mapping({"没有": "name"}), "没有"),
        (mapping({"公司名称": "nothing"}), "nothing"),
        (mapping({"邮箱": "email"}), "name"),
        (mapping({"公司名称": "name", "城市": "name"}), "several columns"),
        (mapping({"公司名称": "name", "编号": "external_id"}, system=None), "system"),
    ],
)
async def test_a_mapping_that_cannot_be_used_is_told(importer: Importer, body: dict[str, Any], text: str) -> None:
    found = await importer.give(as_csv([KNOWN]))
    answer = await importer.client.put(
        f"/v1/imports/{found['id']}/mapping", json=body, headers={"if-match": f'"{found["version"]}"'}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "mapping_not_possible")
    assert text in answer.json()["detail"]
    assert (await importer.get(f"/v1/imports/{found['id']}"))["version"] == found["version"]


@pytest.mark.parametrize("action", ["check", "run"])
async def test_an_import_without_a_mapping_waits_for_it(importer: Importer, action: str) -> None:
    found = await importer.give(as_csv([KNOWN]))
    answer = await importer.client.post(f"/v1/imports/{found['id']}/{action}")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_mapped")
    assert (await importer.get(f"/v1/imports/{found['id']}"))["version"] == found["version"]
    assert (await importer.get("/v1/operations"))["items"] == []
