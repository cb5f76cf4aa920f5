"""What is told of a portion before its turn holds in it, whatever the rows before it have written meanwhile."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from crm_contracts.imports.v1 import ImportMapping
from crm_platform.context import Caller, Cause
from crm_platform.db import Database
from crm_platform.ids import new_id
from crm_platform.operations.kinds import Result
from crm_platform.uow import UnitOfWork
from customer_svc.customers.domain import Customer
from customer_svc.imports.portions.likes import likes_of, portion_ahead
from customer_svc.imports.rows.reading import Stretch
from customer_svc.intake import customers
from customer_svc_tests.imports.support import Importer, as_csv, mapping

COLUMNS = {"编号": "external_id", "公司名称": "name", "联系电话": "phone"}
THERE = [["K-1", "上海观心信息技术有限公司", "13800138000"], ["K-2", "苏州明灯照明股份有限公司", "13700137000"]]
ASKED = [
    ["N-1", "上海观心信息枝术有限公司", "13800138000"],
    ["N-2", "杭州远山贸易有限公司", "13600136000"],
    ["N-3", "北京云海餐饮管理有限公司", "13500135000"],
    ["N-4", "苏州明燈照明股份有限公司", "13700137000"],
    ["N-5", "北京云海餐饮管里有限公司", "13500135000"],
]


async def results(unit: UnitOfWork, operation: UUID, *told: Result) -> None:
    for one in told:
        await unit.connection.execute(
            "INSERT INTO operation_results (operation_id, number, outcome, subject_id) VALUES ($1, $2, $3, $4)",
            *(operation, one.number, one.outcome, one.subject_id),
        )


async def test_what_was_told_ahead_gives_way_to_what_was_written_since(
    importer: Importer, agent: Caller, tmp_path: Path
) -> None:
    choices = {"match_by": ["external_id"]}
    path = await importer.mapped(as_csv(THERE, tuple(COLUMNS)), columns=COLUMNS, **choices)
    operation = UUID((await importer.done(path, "run"))["id"])
    observed, renamed = sorted(await importer.customers(), key=lambda one: str(one["name"]))
    file = tmp_path / "file.csv"
    file.write_bytes(as_csv(ASKED, tuple(COLUMNS)))
    stretch = Stretch(str(file), {}, ImportMapping.model_validate(mapping(COLUMNS, **choices)), None, 10)
    database: Database = importer.service.app.state.runtime.database

    async with database.read(agent.tenant_id) as connection:
        portion = await portion_ahead(connection, agent, operation, stretch, dry=False)
    async with database.transaction(agent.tenant_id) as connection:
        unit = UnitOfWork(connection, agent, Cause(actor=agent.actor))
        (before,) = (await customers.find_customers(unit, [UUID(renamed["id"])])).values()
        after = before.with_(name="深圳晨光科技有限公司").changed({"phones": ()}, foreign=True)
        (entered,) = await customers.enter_many(
            unit, [Customer(id=new_id(), name="杭州远山贸易有限公司")], reason="meanwhile"
        )
        await customers.change_many(unit, [(before, after)], reason="meanwhile")
        written = Result(4, "created", entered.id), Result(5, "updated", before.id)
        await results(unit, operation, *written)
        new = {one.number: one.customer for one in portion.drafts if one.customer is not None}
        assert portion.looked is not None
        told = await likes_of(unit, operation, new, portion.looked, dry=False)
        asked_anew = await customers.alike_of_each(unit, list(new.values()))

    ahead = {row: look.alike and look.alike.id for row, look in portion.looked.rows.items()}
    assert ahead == {2: UUID(observed["id"]), 3: None, 4: None, 5: before.id, 6: None}
    assert {row: alike.id for row, alike in told.items()} == {2: UUID(observed["id"]), 3: entered.id}
    assert [found[0].id if found else None for found in asked_anew] == [
        told[row].id if row in told else None for row in new
    ]
    cloud, other = new[4], new[6]
    assert {id: [one.id for one in found] for id, found in portion.looked.among.items()} == {other.id: [cloud.id]}


async def test_what_others_were_told_ahead_is_not_believed(importer: Importer, agent: Caller, tmp_path: Path) -> None:
    choices = {"match_by": ["external_id"]}
    path = await importer.mapped(as_csv(THERE, tuple(COLUMNS)), columns=COLUMNS, **choices)
    operation = UUID((await importer.done(path, "run"))["id"])
    file = tmp_path / "file.csv"
    file.write_bytes(as_csv(ASKED[:1], tuple(COLUMNS)))
    stretch = Stretch(str(file), {}, ImportMapping.model_validate(mapping(COLUMNS, **choices)), None, 10)
    database: Database = importer.service.app.state.runtime.database
    stranger = replace(agent, id=new_id(), visibility="own", team_ids=())

    async with database.read(agent.tenant_id) as connection:
        portion = await portion_ahead(connection, agent, operation, stretch, dry=False)
        assert portion.looked is not None
        assert [look.alike is not None for look in portion.looked.rows.values()] == [True]
        unit = UnitOfWork(connection, stranger, Cause(actor=stranger.actor))
        (draft,) = portion.drafts
        assert draft.customer is not None
        told = await likes_of(unit, operation, {draft.number: draft.customer}, portion.looked, dry=False)

    assert told == {}
