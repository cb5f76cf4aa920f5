"""What follows from definitions and values, in the worker."""

from dataclasses import replace

import httpx
import orjson
from sqlalchemy import select

from crm_platform.cel import compile_filter
from crm_platform.context import Caller
from crm_platform.db import Database, Query
from crm_platform.reads import Reader
from crm_platform.settings import KafkaSettings
from crm_platform.testing.events import working
from crm_platform.testing.plugin import RunningService, StartService
from crm_platform.worker import Worker
from customer_svc.customers import service as customers
from customer_svc.slices import SERVICE
from customer_svc_tests.custom_fields.support import (
    REGIONS,
    applied,
    choices,
    converted,
    defined,
    ended_conversion,
    entered,
    listed,
    ordered_conversion,
    patched,
)
from customer_svc_tests.imports.support import Importer, as_csv, mapping
from customer_svc_tests.segments.support import becomes, posted


async def test_an_indexed_field_serves_old_and_new_records(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    region = await defined(live, "region", "choice", choices=choices(*REGIONS))
    level = await defined(live, "level", "number")
    await entered(live, "Alpha", region="华东", level=1.5)
    await entered(live, "Birch", region="华南")

    for field in (region, level):
        await applied(live, (await patched(live, "custom-fields", field, indexed=True)).json())
    await entered(live, "Cedar", region="华东", level=-7)
    await entered(live, "Dill")

    assert await listed(live, filter='custom.region == "华东"') == ["Alpha", "Cedar"]
    assert await listed(live, filter='custom.region in ["华南", "华北"]') == ["Birch"]
    assert await listed(live, filter="custom.level < 2") == ["Alpha", "Cedar"]
    assert await listed(live, filter="custom.level == null") == ["Birch", "Dill"]
    assert await listed(live, filter='custom.region != "华东"') == ["Birch", "Dill"]
    assert await listed(live, sort="-custom.level,name") == ["Alpha", "Cedar", "Birch", "Dill"]
    assert await listed(live, sort="custom.region", limit="3") == ["Dill", "Alpha", "Cedar"]
    rows = await working_service.sql(
        "SELECT texts[1], numbers[1] FROM customer_custom_slots WHERE tenant_id = $1", who.tenant_id
    )
    assert sorted(map(tuple, rows)) == [("", -1e30), ("华东", -7), ("华东", 1.5), ("华南", -1e30)]
    # Indexing alone changes nobody: no version, no event.
    versions = await working_service.sql("SELECT version FROM customers WHERE tenant_id = $1", who.tenant_id)
    assert [row["version"] for row in versions] == [1, 1, 1, 1]


async def test_a_formula_is_computed_on_entry_and_anew_when_it_changes(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    await defined(live, "price", "number")
    formula = await defined(
        live, "total", "formula", expression="custom.price * 2 + (employees == null ? 0 : employees)"
    )
    await defined(live, "big", "formula", expression="custom.total >= 10")
    made = await entered(live, "Alpha", price=2.25)
    grown = await patched(live, "customers", made, employees=10)

    assert formula["result"] == "number"
    assert made["custom"] == {"price": 2.25, "total": 4.5, "big": False}
    assert grown.json()["custom"] == {"price": 2.25, "total": 14.5, "big": True}
    given = await patched(live, "customers", grown.json(), custom={"total": 1})
    assert given.json()["errors"][0]["code"] == "computed"

    formula = await applied(live, formula)
    changed = await patched(live, "custom-fields", formula, expression="custom.price / 0")
    await applied(live, changed.json())

    after = (await live.get(f"/v1/customers/{made['id']}")).json()
    assert (after["version"], after["custom"]) == (3, {"price": 2.25, "big": False})
    (row,) = await working_service.sql(
        "SELECT payload FROM outbox WHERE tenant_id = $1 AND aggregate_type = 'customer' AND version = 3", who.tenant_id
    )
    event = orjson.loads(row["payload"])
    assert (event["changed"], event["reason"]) == (["custom"], "custom fields are defined anew")


async def test_a_type_change_is_tried_and_then_made(live: httpx.AsyncClient) -> None:
    field = await defined(live, "level", "text")
    texts = [("Alpha", "12"), ("Birch", "1,500 "), ("Cedar", "很多"), ("Dill", None)]
    made = {name: await entered(live, name, **({} if text is None else {"level": text})) for name, text in texts}

    tried = await converted(live, field, type="number")
    refused = await converted(live, field, type="number", dry_run=False)

    assert tried == {"converted": False, "stopped": None, "convertible": 2, "unconvertible": 1, "samples": ["很多"]}
    assert refused == {**tried, "stopped": "unconvertible"}
    assert (await live.get(f"/v1/customers/{made['Alpha']['id']}")).json()["custom"] == {"level": "12"}

    done = await converted(live, field, type="number", dry_run=False, unconvertible="empty")

    assert done == {**tried, "converted": True}
    records = [(await live.get(f"/v1/customers/{made[name]['id']}")).json() for name, _ in texts]
    assert [(one["version"], one["custom"]) for one in records] == [
        (2, {"level": 12}),
        (2, {"level": 1500}),
        (2, {}),
        (1, {}),
    ]
    assert await listed(live, filter="custom.level > 100") == ["Birch"]
    history = (await live.get(f"/v1/customers/{made['Cedar']['id']}/history")).json()["items"]
    assert history[0]["changes"] == [{"member": "custom.level", "from": "很多", "to": None, "withheld": None}]


async def test_a_conversion_stands_while_records_still_follow_the_definition(
    start_shared_service: StartService, kafka_bootstrap: str, passing_topics: str, who: Caller
) -> None:
    kafka = KafkaSettings(bootstrap=kafka_bootstrap, topic_prefix=passing_topics)
    running = await start_shared_service(SERVICE, kafka=kafka)
    async with running.as_(who) as api:
        await entered(api, "Alpha")
        indexed = await defined(api, "region", "text", indexed=True)
        changed = await defined(api, "level", "text", indexed=True)
        ordered = [await ordered_conversion(api, field, type="number") for field in (indexed, changed)]
        await patched(api, "custom-fields", changed, label={"en": "Rank", "zh": "等级"})

        following = tuple(kind for kind in SERVICE.operations if kind.name == "custom_fields.apply")
        async with working(Worker(replace(SERVICE, operations=following), running.settings)):
            shown = [await applied(api, field) for field in (indexed, changed)]
        async with working(Worker(SERVICE, running.settings)):
            ends = [await ended_conversion(api, operation) for operation in ordered]

        assert [one["stopped"] for one in ends] == [None, "changed_meanwhile"]
        assert [(one["version"], one["applied"], one["type"]) for one in shown] == [
            (2, True, "text"),
            (3, True, "text"),
        ]


async def test_segments_and_quality_follow_custom_fields(live: httpx.AsyncClient) -> None:
    await defined(live, "level", "number")
    made = await entered(live, "Alpha", level=5)
    await entered(live, "Birch", level=1)
    segment = await posted(live, "segments", name="高级", expression="custom.level >= 5")
    rule = {"code": "level", "label": {"en": "Level", "zh": "级别"}, "message": {"en": "Give one", "zh": "请填写"}}
    await posted(live, "quality-rules", **rule, expression="custom.level > 3", weight=10)

    await becomes(live, segment, "Alpha")
    await patched(live, "customers", made, custom={"level": 4})
    await becomes(live, segment)

    unknown = await live.post("/v1/segments", json={"name": "x", "expression": "custom.nothing == 1"})
    assert unknown.json()["errors"][0]["pointer"] == "/expression"
    explained = (await live.get(f"/v1/customers/{made['id']}/segments")).json()["items"]
    assert [(one["name"], one["member"]) for one in explained] == [("高级", False)]
    preview = await live.get("/v1/segments/preview", params={"filter": "custom.level < 3", "fields": "name"})
    assert preview.json()["items"] == [{"name": "Birch"}]


async def test_an_import_reads_cells_by_the_definitions(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    await defined(live, "level", "number", required=True, maximum="100000")
    await defined(live, "region", "choice", choices=choices(*REGIONS))
    await defined(live, "code", "text", unique=True)
    old = await entered(live, "Old Company", level=1, region="华南", code="A")
    importer = Importer(working_service, who, live)
    header = ("公司名称", "级别", "大区", "代码")
    fields = ("name", "custom.level", "custom.region", "custom.code")
    rows = [
        ("Old Company", "1.2万", "", ""),
        ("Aster Ltd", "5", "East", "B"),
        ("Birch Works", "5", "西北", "C"),
        ("Cedar House", "", "华东", "D"),
        ("Dill Partners", "5", "华东", "A"),
        ("Elm Brothers", "5", "华东", "B"),
        ("Fern Trading", "1000000", "华东", "E"),
    ]
    columns = dict(zip(header, fields, strict=True))
    choice = {"columns": columns, "match_by": ["name"], "alike": "ignore"}

    path, counters = await importer.imported(as_csv(rows, header), **choice)
    again, repeated = await importer.imported(as_csv(rows[:2], header), **choice)
    unknown = await importer.give(as_csv(rows, header))
    body = mapping({"公司名称": "name", "级别": "custom.nothing"})
    refused = await live.put(f"/v1/imports/{unknown['id']}/mapping", json=body, headers={"if-match": '"1"'})

    assert (counters, repeated) == ({"created": 1, "updated": 1, "failed": 5}, {"unchanged": 2})
    assert (await live.get(f"/v1/customers/{old['id']}")).json()["custom"] == {
        "level": 12000,
        "region": "华南",
        "code": "A",
    }
    assert await listed(live, filter='custom.level == 5 && custom.region == "华东"') == ["Aster Ltd"]
    results = await importer.results((await importer.get(path))["run_ids"][0])
    told = [(one["number"], one["problem"]["errors"][0]["code"]) for one in results if one["outcome"] == "failed"]
    assert [code for _, code in told] == ["not_a_choice", "missing", "already_exists", "already_exists", "too_large"]
    assert refused.status_code == 422
    assert path != again


async def test_several_choices_are_looked_up_in_an_index(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    regions = await defined(live, "regions", "multi_choice", choices=choices(*REGIONS))
    areas = await defined(live, "areas", "multi_choice", choices=choices(*REGIONS))
    alpha = await entered(live, "Alpha", regions=["华东", "华南"], areas=["华北"])
    await entered(live, "Birch", regions=["华南"])
    questions = {
        "'华东' in custom.regions": ["Alpha", "Cedar"],
        "'华南' in custom.regions": ["Alpha", "Birch"],
        "'华北' in custom.regions": [],
        "!('华南' in custom.regions)": ["Cedar", "Dill"],
        "'华北' in custom.areas && '华东' in custom.regions": ["Alpha"],
        "custom.regions.exists(one, one == '华东')": ["Alpha", "Cedar"],
    }

    await applied(live, (await patched(live, "custom-fields", regions, indexed=True)).json())
    await entered(live, "Cedar", regions=["华东"], areas=[])
    await entered(live, "Dill", areas=["华南"])
    before = {asked: await listed(live, filter=asked) for asked in questions}
    await applied(live, (await patched(live, "custom-fields", areas, indexed=True)).json())
    after = {asked: await listed(live, filter=asked) for asked in questions}
    await patched(live, "customers", alpha, custom={"regions": ["华北"], "areas": None})

    assert before == after == questions
    assert [await listed(live, filter=asked) for asked in questions] == [
        ["Cedar"],
        ["Birch"],
        ["Alpha"],
        ["Alpha", "Cedar", "Dill"],
        [],
        ["Cedar"],
    ]
    rows = await working_service.sql("SELECT choice FROM customer_custom_choices WHERE tenant_id = $1", who.tenant_id)
    assert sorted(row["choice"] for row in rows) == ["areas=华南", "regions=华东", "regions=华北", "regions=华南"]
    assert "(choice = 'regions=华东'" in await looked_up(working_service, who, "'华东' in custom.regions", 3000)


async def looked_up(service: RunningService, who: Caller, asked: str, records: int) -> str:
    """In which indexes PostgreSQL looks to find the customers of whom a filter is true, among so many others."""
    await service.sql(
        "INSERT INTO customers (tenant_id, id, version, created_at, created_by, updated_at, updated_by, kind, name,"
        " name_key, status, tags, external_refs)"
        " SELECT $1, uuidv7(), 1, now(), 'x', now(), 'x', 'company', 'N' || n, 'n' || n, 'prospect', '{}', '[]'"
        " FROM generate_series(1, $2::int) AS n",
        who.tenant_id,
        records,
    )
    await service.sql(
        "INSERT INTO customer_custom_choices (tenant_id, record_id, choice) SELECT tenant_id, id, 'regions=华南'"
        " FROM customers WHERE tenant_id = $1 AND created_by = 'x'",
        who.tenant_id,
    )
    await service.sql("ANALYZE customers, customer_custom_choices")
    database: Database = service.app.state.runtime.database
    view = await Reader(database, who).view(customers.RESOURCE)
    wanted = compile_filter(asked, view.listed_by)
    query = Query(select(view.table.c.id).where(wanted.condition()))
    async with database.read(who.tenant_id) as connection:
        plan = await connection.fetch(f"EXPLAIN {query.text}", *query.bind(wanted.constants))
    return "\n".join(row[0] for row in plan if "Index" in row[0])
