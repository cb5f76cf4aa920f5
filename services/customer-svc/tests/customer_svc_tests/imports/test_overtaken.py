"""Somebody enters a value that nobody shares while an import is about to: the row is told, and the others go in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from crm_platform.testing.waiting import until
from customer_svc_tests.imports.support import Importer, as_csv, mapping

_WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $1 = ANY(pg_blocking_pids(pid))"


@asynccontextmanager
async def ahead(importer: Importer, statement: str, *values: Any) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Somebody who has written, and commits as soon as the import waits for that; what is given waits for it."""
    connection = await asyncpg.connect(importer.service.settings.db.url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f"SET LOCAL crm.tenant_id = '{importer.who.tenant_id}'")
        await connection.execute(statement, *values)
        pid = connection.get_server_pid()

        async def waited_for() -> bool:
            return bool(await importer.service.sql(_WAITS, pid))

        async def commit() -> None:
            await until(waited_for)
            await transaction.commit()

        yield commit
    finally:
        await connection.close()


async def test_the_row_whose_unique_value_was_taken_fails_alone(importer: Importer) -> None:
    label = {"zh": "合同号", "en": "Contract"}
    field = {"resource": "customers", "key": "contract", "type": "text", "label": label, "unique": True}
    assert (await importer.client.post("/v1/custom-fields", json=field | {"max_length": 20})).status_code == 201
    other = (await importer.client.post("/v1/customers", json={"name": "先到公司"})).json()["id"]
    columns = {"公司名称": "name", "合同": "custom.contract"}
    rows = [["北京红叶贸易", "HT-1"], ["上海远洋航运", "HT-2"]]
    content = as_csv(rows, header=tuple(columns))
    path = await importer.mapped(content, body=mapping(columns, alike="ignore", match_by=["name"]))
    taken = (
        "INSERT INTO customer_custom_slots (record_id, keys) VALUES ($1, ARRAY[$2])"
        " ON CONFLICT (tenant_id, record_id) DO UPDATE SET keys = excluded.keys"
    )

    async with ahead(importer, taken, UUID(other), "contract=HT-1") as commit:
        begun = (await importer.client.post(f"{path}/run")).json()["id"]
        await commit()
        done = await importer.ended(begun)

    assert done["counters"] == {"created": 1, "failed": 1}
    failed, created = sorted(await importer.results(begun), key=lambda one: str(one["outcome"]), reverse=True)
    assert (failed["problem"]["code"], failed["problem"]["errors"][0]["pointer"]) == (
        "already_exists",
        "/custom/contract",
    )
    assert created["outcome"] == "created"
    assert [row[0] for row in await importer.sql("SELECT name FROM customers WHERE name <> '先到公司'")] == [
        "上海远洋航运"
    ]


async def test_an_external_id_that_was_taken_is_known_by_then(importer: Importer) -> None:
    other = (await importer.client.post("/v1/customers", json={"name": "先到公司"})).json()["id"]
    content = as_csv([["K-7", "北京红叶贸易"], ["K-8", "上海远洋航运"]], header=("编号", "公司名称"))
    columns = {"编号": "external_id", "公司名称": "name"}
    path = await importer.mapped(content, body=mapping(columns, alike="ignore", match_by=["external_id"]))
    taken = "INSERT INTO customer_refs (customer_id, system, external_id) VALUES ($1, 'erp', 'K-7')"

    async with ahead(importer, taken, UUID(other)) as commit:
        begun = (await importer.client.post(f"{path}/run")).json()["id"]
        await commit()
        done = await importer.ended(begun)

    assert done["counters"] == {"updated": 1, "created": 1}
    assert len(await importer.sql("SELECT 1 FROM customers WHERE true")) == 2
