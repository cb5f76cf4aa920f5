"""Columns are recognised by what a company calls its own fields."""

from dataclasses import replace
from typing import Any

from crm_platform.context import Caller, FieldRule
from crm_platform.testing.identity import colleague
from crm_platform.testing.plugin import RunningService
from customer_svc_tests.imports.support import Importer, as_csv

HEADER = ("公司名称", "门店面积", "Contract end", "合作等级", "store_code", "旧字段")
ROWS = [
    ["远帆科技有限公司", "1,200.5", "2027-03-01", "金牌", "S-1", "x"],
    ["明灯照明股份", "80", "2026/12/31", "银牌", "S-2", "y"],
]
LEVELS = [
    {"value": "gold", "label": {"en": "Gold", "zh": "金牌"}},
    {"value": "silver", "label": {"en": "Silver", "zh": "银牌"}},
]


async def define(importer: Importer, key: str, kind: str, en: str, zh: str, **more: Any) -> dict[str, Any]:
    body = {"resource": "customers", "key": key, "type": kind, "label": {"en": en, "zh": zh}} | more
    answer = await importer.client.post("/v1/custom-fields", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_columns_are_given_to_custom_fields(importer: Importer, at_work: RunningService, agent: Caller) -> None:
    await define(importer, "area", "number", "Floor space", "门店面积")
    await define(importer, "contract_end", "date", "Contract end", "合同到期日")
    await define(importer, "level", "choice", "Level", "合作等级", choices=LEVELS)
    await define(importer, "store_code", "text", "Code of the store", "门店代码")
    await define(importer, "large", "formula", "Large", "旧字段", expression="employees > 100")
    content = as_csv(ROWS, HEADER)
    fields = {one["name"]: one for one in (await importer.get("/v1/imports/fields"))["items"]}
    bound = replace(colleague(agent), fields=(FieldRule("customers", "custom.area", "read"),))
    async with at_work.as_(bound) as client:
        seen = await Importer(at_work, bound, client).give(content)
        listed = [one["name"] for one in (await client.get("/v1/imports/fields")).json()["items"]]

    given = await importer.give(content)
    suggested = {one["name"]: one["field"] for one in given["columns"]}
    chosen = {name: field for name, field in suggested.items() if field}
    _, counters = await importer.imported(content, columns=chosen, alike="ignore")
    custom = {one["name"]: one["custom"] for one in await importer.customers()}

    assert suggested == {
        "公司名称": "name",
        "门店面积": "custom.area",
        "Contract end": "custom.contract_end",
        "合作等级": "custom.level",
        "store_code": "custom.store_code",
        "旧字段": None,
    }
    assert (fields["custom.level"]["kind"], fields["custom.level"]["choices"]) == (
        "choice",
        {"gold": "Gold", "silver": "Silver"},
    )
    assert "custom.large" not in fields
    assert ([one["field"] for one in seen["columns"]][1], "custom.area" in listed, "custom.level" in listed) == (
        None,
        False,
        True,
    )
    assert counters == {"created": 2}
    assert custom["远帆科技有限公司"] == {
        "area": 1200.5,
        "contract_end": "2027-03-01",
        "level": "gold",
        "store_code": "S-1",
        "large": custom["远帆科技有限公司"]["large"],
    }
