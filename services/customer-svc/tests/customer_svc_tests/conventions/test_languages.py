"""Whoever reads Chinese gets whole sentences of it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService

NOWHERE = UUID("01975d3a-0000-7000-8000-000000000000")


@pytest.fixture
async def reader(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with service.as_(caller(language="zh")) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body", "detail"),
    [
        ("GET", f"/v1/customers/{NOWHERE}", None, f"未找到客户（{NOWHERE}）。"),
        ("POST", f"/v1/customers/{NOWHERE}/activate", {}, f"未找到客户（{NOWHERE}）。"),
        ("GET", f"/v1/communications/{NOWHERE}", None, f"未找到沟通记录（{NOWHERE}）。"),
        ("GET", f"/v1/sync-conflicts/{NOWHERE}", None, f"未找到同步冲突（{NOWHERE}）。"),
        ("GET", "/v1/nowhere", None, "路径不存在（HTTP 404）。"),
        ("PUT", "/v1/customers", {}, "不支持该请求方法（HTTP 405）。"),
        ("GET", "/v1/customers/nonsense", None, "参数“customer_id”：应为 UUID"),
        ("GET", "/v1/customers?filter=name+%3D%3D", None, "参数“filter”：表达式不完整。（第 1 行，第 8 列）"),
    ],
)
async def test_refusals_name_things_in_chinese(
    reader: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None, detail: str
) -> None:
    answer = await reader.request(method, path, json=body, headers={"if-match": '"1"'})

    assert answer.json()["detail"] == detail
    assert answer.headers["content-language"] == "zh"


async def test_a_step_that_is_not_possible_is_refused_in_chinese(reader: httpx.AsyncClient) -> None:
    customer = (await reader.post("/v1/customers", json={"name": "甲公司"})).json()

    answer = await reader.post(f"/v1/customers/{customer['id']}/rest", json={}, headers={"if-match": '"1"'})

    assert answer.json()["detail"] == "客户处于“prospect”状态，不能执行“rest”；当前可执行：activate, churn。"


async def test_an_external_id_that_is_taken_is_refused_in_chinese(reader: httpx.AsyncClient) -> None:
    body = {"name": "甲公司", "external_refs": [{"system": "erp", "external_id": "K-1"}]}
    await reader.post("/v1/customers", json=body)
    other = (await reader.post("/v1/customers", json={"name": "乙公司"})).json()

    answer = await reader.patch(
        f"/v1/customers/{other['id']}", json={"external_refs": body["external_refs"]}, headers={"if-match": '"1"'}
    )

    assert answer.json()["detail"] == "系统“erp”的编号“K-1”已属于另一个客户。"


async def test_findings_in_the_body_are_told_in_chinese(reader: httpx.AsyncClient) -> None:
    body = {"name": "甲公司", "kind": "shop", "grade": "E", "employees": 1.5, "tags": "x", "email": "nobody"}

    answer = await reader.post("/v1/customers", json=body)

    assert {error["pointer"]: error["detail"] for error in answer.json()["errors"]} == {
        "/kind": "应为以下值之一：'company' 或 'person'",
        "/grade": "应为以下值之一：'A', 'B', 'C' 或 'D'",
        "/employees": "应为整数",
        "/tags": "应为数组",
        "/email": "不是有效的电子邮箱地址",
    }


async def test_broken_json_is_told_in_chinese_with_its_place(reader: httpx.AsyncClient) -> None:
    answer = await reader.post("/v1/customers", content=b'{"name": ', headers={"content-type": "application/json"})

    assert answer.json()["detail"] == "请求体不是有效的 JSON（第 10 个字符处）"
