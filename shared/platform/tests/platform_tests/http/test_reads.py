"""Lists: cursors from outside, and statements that are kept for the next call."""

import gc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import Column, Integer, Label, MetaData, Numeric, Table, Uuid, bindparam
from sqlalchemy.sql.expression import FromClause

from crm_platform.context import Caller
from crm_platform.errors import InvalidParameter
from crm_platform.ids import new_id
from crm_platform.reads import PageParams, Reader, Resource
from crm_platform.reads.fields import state_sorts
from crm_platform.testing.plugin import RunningService
from crm_platform.words import Words
from customer_svc.customers.models import CUSTOMERS, customers

deals = Table(
    "deals",
    MetaData(),
    Column("id", Uuid),
    Column("created_at", Integer),
    Column("updated_at", Integer),
    Column("rank", Integer),
    Column("amount", Numeric),
)
DEALS = Resource(
    name="deals",
    what=Words("deal", "交易"),
    table=deals,
    represent=lambda source: [source.c.id.label("id")],
    sorts=state_sorts(deals, {"rank": deals.c.rank, "amount": deals.c.amount}),
    default_sort="rank",
)


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("rank", 2**31),
        ("rank", -(2**31)),
        ("rank", 1e300),
        ("rank", "x"),
        ("-rank", None),
        ("-rank", []),
        ("-amount", "x"),
        ("-amount", {}),
    ],
)
def test_a_cursor_that_no_list_gave_out_is_refused(sort: str, value: Any) -> None:
    params = PageParams.parse({"sort": sort}, DEALS, max_limit=10)
    cursor = params.cursor_after((value, str(new_id())))

    with pytest.raises(InvalidParameter, match="not a cursor") as refused:
        PageParams.parse({"sort": sort, "cursor": cursor}, DEALS, max_limit=10)

    assert refused.value.detail("zh") == "参数“cursor”：不是此列表给出的游标"


def test_a_cursor_of_this_list_is_taken() -> None:
    params, id = PageParams.parse({"sort": "rank"}, DEALS, max_limit=10), new_id()

    following = PageParams.parse({"sort": "rank", "cursor": params.cursor_after((7, id))}, DEALS, max_limit=10)

    assert following.after == (7, id)


async def test_conditions_made_for_one_call_are_never_taken_for_another(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    await client.post("/v1/customers", json={"name": "A", "industry": "B"})
    await client.post("/v1/customers", json={"name": "B", "industry": "A"})
    reader = Reader(service.app.state.runtime.database, agent)
    params = PageParams.parse({"fields": "name"}, CUSTOMERS.resource, max_limit=10)

    for number in range(30):
        column = customers.c.name if number % 2 else customers.c.industry
        found = await reader.page(CUSTOMERS.resource, params, column == bindparam("wanted"), wanted="A")
        gc.collect(0)  # whatever could be at the same address next time, is

        assert orjson.loads(found)["items"] == [{"name": "A" if number % 2 else "B"}]


async def test_filters_that_differ_in_their_constants_share_one_statement(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    for name in ("甲", "乙", "甲乙"):
        await client.post("/v1/customers", json={"name": name})
    built = []

    def represent(source: FromClause) -> Sequence[Label[Any]]:
        built.append(source)
        return [source.c.name.label("name")]

    resource = replace(CUSTOMERS.resource, represent=represent)
    reader = Reader(service.app.state.runtime.database, agent)

    async def found(text: str) -> list[str]:
        params = PageParams.parse({"filter": text, "sort": "name", "count": "exact"}, resource, max_limit=10)
        page = orjson.loads(await reader.page(resource, params))
        assert page["count"] == {"value": len(page["items"]), "relation": "eq"}
        return [item["name"] for item in page["items"]]

    assert await found("name == '甲'") == ["甲"]
    assert await found("name == '乙'") == ["乙"]
    assert await found("name == '丙'") == []
    assert len(built) == 1
    assert await found("name.startsWith('甲')") == ["甲", "甲乙"]
    assert await found("name.startsWith('乙')") == ["乙"]
    assert len(built) == 2
