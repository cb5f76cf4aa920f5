"""What a dry run would write is found as if it were there, sealed, until the dry run has ended."""

from uuid import UUID

from crm_platform.context import Caller, Cause
from crm_platform.custom_fields.trying import Filed
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.intake import customers
from customer_svc.trials import service as trials
from customer_svc_tests.imports.support import Importer, as_csv


async def test_what_is_tried_takes_the_place_of_what_is_there(importer: Importer, agent: Caller) -> None:
    await importer.imported(as_csv([["上海观心信息技术有限公司"]], ["公司名称"]), columns={"公司名称": "name"})
    (there,) = await importer.customers()
    known, entered, trial = UUID(there["id"]), new_id(), new_id()
    asked = [
        Customer(id=new_id(), name=name)
        for name in ("上海观心信息技术有限公司", "杭州远山贸易有限公司", "北京云海餐饮管理有限公司")
    ]
    database: Database = importer.service.app.state.runtime.database

    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        (before,) = (await customers.find_customers(unit, [known])).values()
        after = before.with_(name="北京云海餐饮管理有限公司")
        await trials.keep(unit, trial, [after, Customer(id=entered, name="杭州远山贸易有限公司")])
        tried = await customers.alike_of_each(unit, asked, trials.going_on(unit, trial))
        others = await customers.alike_of_each(unit, asked, trials.going_on(unit, new_id()))
        really = await customers.alike_of_each(unit, asked)
        kept = await connection.fetch("SELECT * FROM trial_records WHERE trial_id = $1", trial)
        await trials.forget(unit, trial)
        forgotten = await customers.alike_of_each(unit, asked, trials.going_on(unit, trial))

    assert [[one.id for one in found] for found in tried] == [[], [entered], [before.id]]
    assert [[one.id for one in found] for found in really] == [[before.id], [], []]
    assert others == really == forgotten
    assert len(kept) == 2
    assert not any("云海".encode() in row["sealed"] for row in kept)


async def test_what_is_left_is_what_tables_say_but_for_what_is_tried(importer: Importer, agent: Caller) -> None:
    kept, moved, new, trial = new_id(), new_id(), new_id(), new_id()
    there = {"a": (kept, moved), "b": (moved,)}
    database: Database = importer.service.app.state.runtime.database

    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        left = trials.Left(unit, trial, "thing")
        await left.file([Filed(moved, {"c"}, anew=True), Filed(new, {"a", "密码"}), Filed(kept, {"a"})])
        await left.file([Filed(new, {"a"})])
        told = await left.as_left({"a", "b", "c", "d"}, there)
        others = [
            await trials.Left(unit, new_id(), "thing").as_left({"a", "b", "c"}, there),
            await trials.Left(unit, trial, "other").as_left({"a", "b", "c"}, there),
        ]
        rows = await connection.fetch("SELECT * FROM trial_keys WHERE trial_id = $1", trial)
        await trials.forget(unit, trial)
        forgotten = await left.as_left({"a", "b", "c"}, there)

    assert told == {"a": (kept, new), "c": (moved,)}
    assert others == [there, there]
    assert forgotten == there
    assert len(rows) == 5
    assert "密码" not in str(rows)
