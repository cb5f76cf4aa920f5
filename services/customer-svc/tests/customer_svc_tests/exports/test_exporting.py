"""Customers as files, as the caller sees them; and back again without a change."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import orjson
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.context import Caller, Cause
from crm_platform.db import Database
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from crm_platform.uow import UnitOfWork
from customer_svc.disclosures import service as disclosures
from customer_svc.exports import service as exports
from customer_svc_tests.imports.support import Importer, mapping

COMPANY = {
    "name": "=cmd()公司",
    "phones": [{"number": "13800138000"}, {"number": "021-68881234", "extension": "8"}],
    "email": "a@guanxin.cn",
    "address": {"country": "CN", "city": "上海"},
    "employees": 12,
    "annual_revenue": {"amount": "12.5", "currency": "CNY"},
    "tags": ["重点", "老客户"],
}


@pytest.fixture
async def importer(service: RunningService, agent: Caller, start_worker: StartWorker) -> AsyncIterator[Importer]:
    await start_worker(service)
    async with service.as_(agent) as client:
        yield Importer(service, agent, client)


async def enter(client: httpx.AsyncClient, *bodies: dict[str, Any]) -> None:
    for body in bodies:
        answer = await client.post("/v1/customers", params={"allow_duplicates": "true"}, json=body)
        assert answer.status_code == 201, answer.text


async def download(client: httpx.AsyncClient, kind: str, **params: str) -> bytes:
    answer = await client.get("/v1/exports/customers", params={"format": kind} | params)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_every_format_says_the_same(client: httpx.AsyncClient) -> None:
    await enter(client, COMPANY, {"name": "Globex", "kind": "company"})
    wanted = {"columns": "name,phone,employees,annual_revenue,tags,city"}

    text = (await download(client, "csv", **wanted)).decode("utf-8-sig")
    header, first, second = list(csv.reader(io.StringIO(text)))
    assert header == ["Name", "Phone", "Employees", "Annual revenue", "Tags", "City"]
    assert first == [
        "'=cmd()公司",
        "'+8613800138000 | +862168881234;ext=8",
        "12",
        "CNY 12.5",
        "重点 | 老客户",
        "上海",
    ]
    assert second == ["Globex", "", "", "", "", ""]
    lines = [orjson.loads(line) for line in (await download(client, "jsonl", **wanted)).splitlines()]
    assert (lines[0]["name"], lines[0]["employees"], lines[1]["phone"]) == ("=cmd()公司", 12, None)
    table = pyarrow.parquet.read_table(io.BytesIO(await download(client, "parquet", **wanted))).to_pylist()
    assert table == lines
    sheet = openpyxl.load_workbook(io.BytesIO(await download(client, "xlsx", **wanted))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[1] == [
        "=cmd()公司",
        *(lines[0][name] for name in ("phone", "employees", "annual_revenue", "tags", "city")),
    ]
    assert sheet["A2"].data_type == "s"


async def test_headers_are_in_the_language_of_the_caller(service: RunningService, agent: Caller) -> None:
    async with service.as_(agent, **{"accept-language": "zh"}) as client:
        await enter(client, {"name": "关系科技"})
        text = (await download(client, "csv", columns="name,grade")).decode("utf-8-sig")

    assert text.splitlines() == ["客户名称,客户等级", "关系科技,"]


async def test_only_what_the_caller_sees_is_written(service: RunningService, agent: Caller) -> None:
    own = colleague(agent, visibility="own")
    async with service.as_(agent) as all_of_them, service.as_(own) as mine:
        await enter(
            all_of_them, COMPANY, {"name": "公海公司", "phone": "13900139000", "owner_id": None, "team_id": None}
        )
        await enter(mine, {"name": "我的客户"})
        seen = (await download(mine, "csv", columns="name,phone")).decode("utf-8-sig").splitlines()
        filtered = await download(all_of_them, "csv", columns="name", filter="employees > 10")

    assert sorted(seen[1:]) == ["公海公司,", "我的客户,"]
    assert filtered.decode("utf-8-sig").splitlines() == ["Name", "'=cmd()公司"]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"columns": "name,nothing"}, 400, "unknown_column"),
        ({"columns": ""}, 400, "unknown_column"),
        ({"filter": "nothing == 1"}, 400, "invalid_parameter"),
        ({"format": "pdf"}, 400, "invalid_parameter"),
    ],
)
async def test_what_cannot_be_exported_is_told(
    client: httpx.AsyncClient, params: dict[str, str], status: int, code: str
) -> None:
    answer = await client.get("/v1/exports/customers", params=params)
    begun = await client.post("/v1/exports", json=params | {"columns": params.get("columns", "name").split(",")})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert begun.status_code in {400, 422}


async def test_an_export_without_columns_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/exports", json={"columns": []})

    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, ["/columns"])
    assert (await client.get("/v1/operations")).json()["items"] == []


async def test_who_may_not_see_customers_exports_none(service: RunningService) -> None:
    async with service.as_(caller("exports:read", "exports:write")) as client:
        direct = await client.get("/v1/exports/customers")
        begun = await client.post("/v1/exports", json={})

    assert {direct.status_code, begun.status_code} == {403}


async def test_more_than_a_request_takes_is_refused(service: RunningService, agent: Caller) -> None:
    await service.sql(
        "INSERT INTO customers (tenant_id, id, version, created_at, created_by, updated_at, updated_by, kind, name,"
        " name_key, status, tags, external_refs) SELECT $1, uuidv7(), 1, now(), 'x', now(), 'x', 'company', 'n', 'n',"
        " 'prospect', '{}', '[]' FROM generate_series(1, $2)",
        agent.tenant_id,
        exports.MOST_AT_ONCE + 1,
    )
    async with service.as_(agent) as client:
        refused = await client.get("/v1/exports/customers", params={"columns": "name"})

    assert (refused.status_code, refused.json()["code"]) == (409, "export_too_large")


async def test_a_large_export_is_written_by_a_worker(importer: Importer, agent: Caller) -> None:
    await enter(importer.client, *({"name": f"客户 {number}"} for number in range(3)))
    begun = await importer.client.post("/v1/exports", json={"format": "csv", "columns": ["name"]})
    early = await importer.client.get(f"/v1/exports/{begun.json()['id']}/file")
    done = await importer.ended(begun.json()["id"])
    text = await importer.text(done["result"]["file"])
    async with importer.service.as_(colleague(agent, "exports:read", "customers:read")) as other:
        foreign = await other.get(done["result"]["file"])

    assert early.status_code in {200, 409}
    assert text.splitlines() == ["Name", "客户 0", "客户 1", "客户 2"]
    assert (done["counters"], done["result"]["bytes"]) == ({"exported": 3}, len(text.encode()) + 3)
    assert done["progress"] == {"done": 3, "total": 3, "unit": "customers"}
    assert [one.name for one in (importer.folder / "objects").rglob("*") if one.is_file()] == [begun.json()["id"]]
    assert foreign.status_code == 404


# Cells are cleaned when they are imported, and of several blanks in a row there stays one.
_TEXT = some.text("甲乙丙abcXYZ=+-'\",;| ", max_size=12).map(lambda text: " ".join(f"公司{text}".split()))
_BODIES = some.fixed_dictionaries(
    {"name": _TEXT},
    optional={
        "industry": some.sampled_from(["软件", "=1+1", "'quoted", "- 贸易", 'a,b"c']),
        "employees": some.integers(0, 10**6),
        "phone": some.sampled_from(["+8613800138000", "+86 21 6888 1234 转 8", "+44 20 7946 0958"]),
        "email": some.sampled_from(["a@example.com", "名字@example.com"]),
        "tags": some.lists(some.sampled_from(["甲", "乙", "=丙"]), max_size=3, unique=True),
        "annual_revenue": some.fixed_dictionaries(
            {"amount": some.sampled_from(["1", "12.5", "0.0001"]), "currency": some.just("EUR")}
        ),
        "address": some.fixed_dictionaries({"country": some.sampled_from(["CN", "DE"]), "city": some.just("上海")}),
        "grade": some.sampled_from("ABCD"),
    },
)
_COLUMNS = "name,kind,phone,email,country,city,industry,employees,annual_revenue,grade,tags"
_SPLIT = {"phone": {"separator": " | "}, "email": {"separator": " | "}, "tags": {"separator": " | "}}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
@settings(
    max_examples=3,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(bodies=some.lists(_BODIES, min_size=1, max_size=6, unique_by=lambda body: body["name"]))
async def test_what_was_exported_changes_nothing_when_imported(
    importer: Importer, kind: str, bodies: list[dict[str, Any]]
) -> None:
    await importer.service.sql("TRUNCATE customers CASCADE")
    await enter(importer.client, *bodies)
    versions = "SELECT id, version FROM customers ORDER BY id"
    before = await importer.service.sql(versions)
    content = await download(importer.client, kind, columns="id," + _COLUMNS)
    media = {"csv": "text/csv", "jsonl": "application/jsonl"}.get(kind, "application/octet-stream")
    found = await importer.give(content, kind=media)
    names = [column["name"] for column in found["columns"]][1:]
    body = mapping(dict(zip(names, _COLUMNS.split(","), strict=True)), mode="update", match_by=["name"])
    body["columns"] = [one | _SPLIT.get(one["field"], {}) for one in body["columns"]]
    path = f"/v1/imports/{found['id']}"
    await importer.client.put(f"{path}/mapping", json=body, headers={"if-match": f'"{found["version"]}"'})
    done = await importer.done(path, "run")

    assert set(done["counters"]) <= {"unchanged", "failed", "skipped"}, done["counters"]
    assert await importer.service.sql(versions) == before
    told = [one["problem"]["code"] for one in await importer.results(done["id"]) if one["problem"]]
    assert set(told) <= {"ambiguous_match", "row_repeated"}


async def test_it_is_on_record_who_stood_in_which_file(importer: Importer, agent: Caller) -> None:
    names = [f"{word}{place}" for word in ("观心", "远山", "明灯") for place in ("贸易", "软件")]
    await enter(importer.client, *({"name": name, "grade": "A" if "贸易" in name else "B"} for name in names))
    known = {one["name"]: UUID(one["id"]) for one in await importer.customers()}

    await download(importer.client, "csv", columns="name,city", filter="grade == 'A' && name != '明灯贸易'")
    order = {"format": "jsonl", "columns": ["name"], "filter": "name.startsWith('远山')"}
    begun = await importer.client.post("/v1/exports", json=order)
    await importer.ended(begun.json()["id"])
    nobody = await importer.client.post("/v1/exports", json=order | {"filter": "name == '无'"})
    await importer.ended(nobody.json()["id"])
    database: Database = importer.service.app.state.runtime.database
    told: dict[str, list[tuple[str, str, list[str]]]] = {}
    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        for name, id in known.items():
            recipients, _ = await disclosures.tell(unit, SubjectKind.CUSTOMER, id)
            told[name] = [(one["what"], one["recipient"], one["columns"]) for one in recipients.items]

    at_once = ("customers.exported", agent.actor, ["name", "city"])
    later = ("customers.exported", agent.actor, ["name"])
    nothing: list[tuple[str, str, list[str]]] = []
    assert told == dict.fromkeys(names, nothing) | {
        "观心贸易": [at_once],
        "远山贸易": [later, at_once],
        "远山软件": [later],
    }
    files = await importer.sql("SELECT FROM disclosed_files WHERE true")
    pages = await importer.sql("SELECT cardinality(marks) AS size FROM disclosed_pages WHERE true")
    assert (len(files), sorted(page["size"] for page in pages)) == (3, [2, 2])
