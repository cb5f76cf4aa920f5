"""Whatever is asked of whatever values, the database answers as an evaluation of each record does."""

import asyncio
import random
from typing import Any, cast
from uuid import UUID

import httpx

from crm_platform.cel import compile_program
from crm_platform.context import Caller, Cause
from crm_platform.custom_fields.applying import PORTION
from crm_platform.db import Connection, Database
from crm_platform.testing.plugin import RunningService
from crm_platform.uow import UnitOfWork
from customer_svc.customers import service as customers
from customer_svc.customers.schemas import CustomerCreate, CustomerUpdate
from customer_svc_tests.custom_fields.support import REGIONS, applied, choices, defined, entered, listed, patched

TEXTS = ["", "a", "A", "观", "观心", "观心科技", "b\U0001f600", "zz"]
DAYS = ["1999-12-31", "2024-02-29", "2024-03-01", "9999-12-30"]
NUMBERS = [-1e9, -0.5, 0, 0.1, 0.2, 0.3, 7, 123456789.012345, 999999999999999]
OPERATORS = ["==", "!=", "<", "<=", ">", ">="]
RECORDS, QUESTIONS = 40, 30


def values(chance: random.Random) -> dict[str, Any]:
    some = {
        "note": chance.choice(TEXTS),
        "level": chance.choice(NUMBERS),
        "since": chance.choice(DAYS),
        "region": chance.choice(REGIONS)[0],
        "budget": {"amount": str(chance.randint(-3, 3)), "currency": chance.choice(["CNY", "USD"])},
        "vip": chance.random() < 0.5,
        "regions": chance.sample([zh for zh, _ in REGIONS], chance.randint(0, 3)),
    }
    return {key: value for key, value in some.items() if chance.random() < 0.7}


def question(chance: random.Random, depth: int = 2) -> str:
    if depth and chance.random() < 0.5:
        left, right = question(chance, depth - 1), question(chance, depth - 1)
        return chance.choice([f"({left} && {right})", f"({left} || {right})", f"!({left})"])
    operator = chance.choice(OPERATORS)
    return chance.choice(
        [
            f"custom.note {operator} '{chance.choice(TEXTS)}'",
            f"custom.note.startsWith('{chance.choice(TEXTS)}')",
            f"custom.level {operator} {chance.choice(NUMBERS)}",
            f"{chance.choice(NUMBERS)} {operator} custom.level",
            f"custom.level in [0, 0.3, {chance.choice(NUMBERS)}]",
            f"custom.since {operator} date('{chance.choice(DAYS)}')",
            f"custom.region {chance.choice(['==', '!='])} '{chance.choice(REGIONS)[0]}'",
            f"custom.region in ['华东', '{chance.choice(REGIONS)[0]}']",
            f"custom.budget.amount {operator} {chance.randint(-3, 3)}",
            "custom.budget.currency == 'CNY'",
            "custom.vip",
            f"'{chance.choice(REGIONS)[0]}' in custom.regions",
            f"custom.{chance.choice(['note', 'level', 'since', 'region'])} == null",
            "custom.level * 2 > custom.budget.amount",
        ]
    )


async def test_lists_answer_as_an_evaluation_of_each_record(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    chance = random.Random(20261)  # noqa: S311  (the same questions every time)
    indexed = [await defined(live, key, kind, indexed=True) for key, kind in (("level", "number"), ("since", "date"))]
    indexed.append(await defined(live, "note", "text", indexed=True, max_length=50))
    indexed.append(await defined(live, "region", "choice", indexed=True, choices=choices(*REGIONS)))
    indexed.append(await defined(live, "budget", "money", indexed=True))
    await defined(live, "vip", "boolean")
    await defined(live, "regions", "multi_choice", choices=choices(*REGIONS))
    items = [{"name": f"{number:03}", "custom": values(chance)} for number in range(RECORDS)]
    batch = await live.post("/v1/customers/batch?allow_duplicates=true", json={"items": items})
    assert [one for one in batch.json()["results"] if one["status"] != "created"] == []
    for field in indexed:
        await applied(live, field)
    shown = (await live.get("/v1/customers", params={"limit": "200", "fields": "name,custom"})).json()["items"]
    assert len(shown) == RECORDS < PORTION
    database: Database = working_service.app.state.runtime.database
    async with database.read(who.tenant_id) as connection:
        fields = (await customers.custom_fields(connection, who.tenant_id)).filters

    for _ in range(QUESTIONS):
        asked = question(chance)
        program = compile_program(asked, fields)
        expected = sorted(one["name"] for one in shown if program.evaluate(one))
        assert await listed(live, filter=asked, limit="200") == expected, asked


async def test_a_value_that_is_written_while_a_field_becomes_indexed_is_found(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    field = await defined(live, "level", "number")
    made = await entered(live, "Alpha", level=1)
    database: Database = working_service.app.state.runtime.database

    async with database.transaction(who.tenant_id) as connection:
        unit = UnitOfWork(connection, who, Cause(actor=who.actor))
        body = CustomerUpdate.model_validate({"custom": {"level": 2}})
        await customers.update_customer(unit, UUID(made["id"]), body, if_match=1)
        changed = (await patched(live, "custom-fields", field, indexed=True)).json()
        # Whoever writes now does so by the new definition; the operation waits for whoever began before.
        await entered(live, "Birch", level=3)
        waiting = (await live.get(f"/v1/custom-fields/{field['id']}")).json()

    await applied(live, changed)
    assert (changed["applied"], waiting["applied"]) == (False, False)
    assert await listed(live, filter="custom.level == 2") == ["Alpha"]
    assert await listed(live, sort="-custom.level,name") == ["Birch", "Alpha"]


async def test_definitions_that_are_out_of_date_refuse_nothing(
    live: httpx.AsyncClient, working_service: RunningService, who: Caller
) -> None:
    database: Database = working_service.app.state.runtime.database
    asked, goes_on = asyncio.Event(), asyncio.Event()

    class Slow:
        """A connection to which the revision comes late."""

        def __init__(self, connection: Connection) -> None:
            self.fetch = connection.fetch
            self._fetchval = connection.fetchval

        async def fetchval(self, *args: Any) -> Any:
            revision = await self._fetchval(*args)
            asked.set()
            await goes_on.wait()
            return revision

    async def look() -> int:
        async with database.read(who.tenant_id) as connection:
            return (await customers.custom_fields(cast(Connection, Slow(connection)), who.tenant_id)).revision

    async with asyncio.TaskGroup() as group:
        looking = group.create_task(look())
        await asked.wait()
        await defined(live, "level", "number")
        goes_on.set()
    async with database.transaction(who.tenant_id) as connection:
        unit = UnitOfWork(connection, who, Cause(actor=who.actor))
        body = CustomerCreate.model_validate({"name": "Alpha", "custom": {"level": 2}})
        await customers.create_customer(unit, body)

    assert looking.result() == 0
    assert await listed(live, filter="custom.level == 2") == ["Alpha"]
