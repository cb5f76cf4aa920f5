"""Many changes in one statement leave behind what the same changes one by one do."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm_contracts.base import ExternalRef, Money
from crm_contracts.customer.v1 import (
    CustomerCreated,
    CustomerDeleted,
    CustomerKind,
    CustomerUpdated,
    Email,
    Phone,
    PoolRuleCreated,
    PoolRuleDeleted,
    Registration,
)
from crm_platform.context import Cause, system_caller
from crm_platform.db import Connection, Database
from crm_platform.errors import VersionMismatch
from crm_platform.history.trail import OpenTrail
from crm_platform.ids import new_id
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import vault
from crm_platform.uow import UnitOfWork
from crm_runtime.pytest_plugin import MakeDatabase
from customer_svc.customers.domain import Customer
from customer_svc.customers.models import CUSTOMERS
from customer_svc.pool_rules.domain import PoolRule
from customer_svc.pool_rules.models import POOL_RULES
from platform_tests.audit.support import MIGRATED, PACKAGE, migrate

SINGLY, TOGETHER = UUID(int=0xA), UUID(int=0xB)
MOMENT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
CAUSE = Cause(actor="user:1", correlation_id=UUID(int=7))
_SAID = ("version", "action", "actor", "at", "reason")
UNPLEASANT = ('a "quoted" tag', "back\\slash", "{brace,comma}", "空 格", "NULL", "")


@pytest.fixture
async def database(make_database: MakeDatabase) -> AsyncIterator[Database]:
    url = make_database(PACKAGE, migrate=migrate, cache_key=MIGRATED).url
    database = Database(DatabaseSettings(url=url), name="test", vault=vault())
    await database.open()
    yield database
    await database.close()


def unit_of(connection: Any, tenant: UUID) -> UnitOfWork:
    return UnitOfWork(connection, system_caller(tenant, "customer-svc"), CAUSE, clock=lambda: MOMENT)


def people(count: int) -> list[Customer]:
    """Customers with every kind of column filled, and one with hardly any."""
    full = [
        Customer(
            id=new_id(),
            kind=CustomerKind.COMPANY,
            name=f"上海「第 {number}」'公司' \\ \"科技\"",
            tags=UNPLEASANT,
            annual_revenue=Money(amount=Decimal("12.5000"), currency="CNY"),
            employees=number,
            external_refs=(ExternalRef(system="erp", external_id=f"K-{number}"),),
            phone=f"+86138001380{number:02}",
            phones=(Phone(number=f"+86138001380{number:02}", entered="1", primary=True),),
            emails=(Email(address=f"a{number}@example.com"),),
            registrations=(Registration(kind="other", number=f'"{number}"'),),
            status_since=MOMENT,
        )
        for number in range(1, count)
    ]
    return [*full, Customer(id=new_id(), name="薄")]


async def left_behind(database: Database, tenant: UUID, ids: Sequence[UUID]) -> list[Any]:
    """Rows, states, audit entries, events, keys of subjects and blind keys; what is random by nature left out."""
    place = {id: number for number, id in enumerate(ids)}
    async with database.transaction(tenant) as connection:
        unit = unit_of(connection, tenant)
        states = await unit.find_many(CUSTOMERS, ids)
        columns = sorted(CUSTOMERS.spec.columns - {"tenant_id", "id", "sealed"})
        rows = await connection.fetch(f"SELECT id, {', '.join(columns)} FROM customers ORDER BY id")
        entries = await connection.fetch("SELECT * FROM audit_entries ORDER BY id")
        events = await connection.fetch("SELECT * FROM outbox ORDER BY id")
        filed = await connection.fetch(
            "SELECT record_id, kind, count(*) FROM customer_keys GROUP BY 1, 2 ORDER BY 1, 2"
        )
        subjects = await connection.fetch("SELECT subject_id FROM subject_keys ORDER BY 1")
    told = [CustomerCreated.parse(event["payload"]) for event in events]
    return [
        [states[id].model_copy(update={"id": None}) for id in ids],
        [(place[row["id"]], tuple(row)[1:]) for row in rows],
        [
            (place[one["aggregate_id"]], *(one[name] for name in _SAID), _open(one["before"]), _open(one["after"]))
            for one in entries
        ],
        [entry["entry_id"] for entry in entries] == [event["event_id"] for event in events],
        [(place[one["aggregate_id"]], one["version"], one["type"], one["topic"], one["headers"]) for one in events],
        [(place[one.state.id], one.changed, one.sealed is not None and one.sealed.members) for one in told],
        [(place[row["record_id"]], row["kind"], row["count"]) for row in filed],
        [place[row["subject_id"]] for row in subjects],
    ]


def _open(side: dict[str, Any] | None) -> dict[str, Any] | None:
    """One side of an audit entry; of the sealed members only their names."""
    if side is None:
        return None
    sealed = side.get("sealed")
    return {**side, "id": None, "sealed": sealed and sealed["members"]}


async def _names(connection: Connection) -> list[tuple[int, str]]:
    """Versions and names, as audit entries tell of them."""
    entries = await connection.fetch("SELECT entry_id, version, before, after FROM audit_entries ORDER BY id")
    trail = await OpenTrail.of(connection, TOGETHER, entries)
    values = [trail.side(entry, "after").values for entry in entries]
    return [(entry["version"], one["name"]) for entry, one in zip(entries, values, strict=True) if one]


def renamed(customer: Customer) -> Customer:
    """The customer under another name, with a phone in place of the others; the thin one stays as it is."""
    if customer.name == "薄":
        return customer
    return customer.with_(name=customer.name + "·", phones=(Phone(number="+8613900139000", entered="2"),), tags=())


async def test_the_same_as_one_by_one(database: Database) -> None:
    one, many = people(7), people(7)
    async with database.transaction(SINGLY) as connection:
        unit = unit_of(connection, SINGLY)
        for customer in one:
            await unit.insert(CUSTOMERS, customer, CustomerCreated, reason="why")
        for before in (await unit.find_many(CUSTOMERS, [customer.id for customer in one])).values():
            await unit.update(CUSTOMERS, before, renamed(before), CustomerUpdated, reason="新名")
    async with database.transaction(TOGETHER) as connection:
        unit = unit_of(connection, TOGETHER)
        written = await unit.insert_many(CUSTOMERS, many, CustomerCreated, reason="why")
        changes = [(before, renamed(before)) for before in written]
        changed = await unit.update_many(CUSTOMERS, changes, CustomerUpdated, reason="新名")

    assert [customer.version for customer in changed] == [2] * 6
    found = await left_behind(database, TOGETHER, [customer.id for customer in many])
    assert found == await left_behind(database, SINGLY, [customer.id for customer in one])
    assert found[0][0].tags == ()
    assert {"tags", "phones"} <= set(found[2][0][7]["sealed"])
    assert len(found[4]) == 13


async def test_more_than_one_statement_takes(database: Database) -> None:
    customers = [Customer(id=new_id(), name=f"客户 {number}") for number in range(2100)]
    async with database.transaction(TOGETHER) as connection:
        await unit_of(connection, TOGETHER).insert_many(CUSTOMERS, customers, CustomerCreated)
        names = await _names(connection)
        rows = await connection.fetchval("SELECT count(*) FROM customers")

    assert (rows, names) == (2100, [(1, customer.name) for customer in customers])


async def test_two_changes_of_one_record_follow_each_other(database: Database) -> None:
    async with database.transaction(TOGETHER) as connection:
        unit = unit_of(connection, TOGETHER)
        (first,) = await unit.insert_many(CUSTOMERS, [Customer(id=new_id(), name="一")], CustomerCreated)
        second = first.with_(name="二")
        third = second.with_(name="三", version=2)
        changes = [(first, second), (second.with_(version=2), third)]
        await unit.update_many(CUSTOMERS, changes, CustomerUpdated)
        names = await _names(connection)

    assert names == [(1, "一"), (2, "二"), (3, "三")]


async def test_a_record_that_has_moved_on_is_told_and_nothing_is_written(database: Database) -> None:
    ids = [new_id(), new_id()]
    async with database.transaction(TOGETHER) as connection:
        unit = unit_of(connection, TOGETHER)
        made = await unit.insert_many(CUSTOMERS, [Customer(id=id, name="甲") for id in ids], CustomerCreated)
    stale = [(made[0], made[0].with_(name="乙")), (made[1].with_(version=5), made[1].with_(name="丙"))]
    with pytest.raises(VersionMismatch):
        async with database.transaction(TOGETHER) as connection:
            await unit_of(connection, TOGETHER).update_many(CUSTOMERS, stale, CustomerUpdated)
    async with database.transaction(TOGETHER) as connection:
        rows = await connection.fetch("SELECT name, version FROM customers")
        recorded = await connection.fetchval("SELECT count(*) FROM outbox")

    assert ([tuple(row) for row in rows], recorded) == ([("甲", 1)] * 2, 2)


async def removed(database: Database, tenant: UUID, rules: Sequence[PoolRule]) -> tuple[int, list[Any], list[Any]]:
    """What is left of rules: rows, audit entries, and events."""
    place = {rule.id: number for number, rule in enumerate(rules)}
    async with database.transaction(tenant) as connection:
        rows = await connection.fetchval("SELECT count(*) FROM pool_rules")
        entries = await connection.fetch("SELECT * FROM audit_entries ORDER BY id")
        events = await connection.fetch("SELECT * FROM outbox ORDER BY id")
    return (
        rows,
        [
            (place[one["aggregate_id"]], *(one[name] for name in _SAID), _open(one["before"]), _open(one["after"]))
            for one in entries
        ],
        [(place[one["aggregate_id"]], one["version"], one["type"], one["topic"]) for one in events],
    )


async def test_many_are_removed_as_they_are_one_by_one(database: Database) -> None:
    teams = [None, new_id(), new_id()]
    one, many = ([PoolRule(id=new_id(), team_id=team) for team in teams] for _ in "ab")
    async with database.transaction(SINGLY) as connection:
        unit = unit_of(connection, SINGLY)
        for rule in await unit.insert_many(POOL_RULES, one, PoolRuleCreated):
            await unit.delete(POOL_RULES, rule, PoolRuleDeleted, reason="过时")
    async with database.transaction(TOGETHER) as connection:
        unit = unit_of(connection, TOGETHER)
        made = await unit.insert_many(POOL_RULES, many, PoolRuleCreated)
        await unit.delete_many(POOL_RULES, made, PoolRuleDeleted, reason="过时")

    found = await removed(database, TOGETHER, many)
    assert found == await removed(database, SINGLY, one)
    assert found[0] == 0
    topic = PoolRuleDeleted.topic
    assert found[2][3:] == [(number, 2, "pool_rule.deleted", topic) for number in range(3)]


async def test_a_removal_of_what_has_moved_on_takes_nothing_away(database: Database) -> None:
    rules = [PoolRule(id=new_id(), team_id=team) for team in (None, new_id())]
    async with database.transaction(TOGETHER) as connection:
        made = await unit_of(connection, TOGETHER).insert_many(POOL_RULES, rules, PoolRuleCreated)
    with pytest.raises(VersionMismatch):
        async with database.transaction(TOGETHER) as connection:
            stale = [made[0], made[1].with_(version=5)]
            await unit_of(connection, TOGETHER).delete_many(POOL_RULES, stale, PoolRuleDeleted)

    rows, entries, events = await removed(database, TOGETHER, rules)
    assert (rows, len(entries), len(events)) == (2, 2, 2)


async def test_records_with_sealed_members_are_not_removed_together(database: Database) -> None:
    async with database.transaction(TOGETHER) as connection:
        unit = unit_of(connection, TOGETHER)
        made = await unit.insert_many(CUSTOMERS, [Customer(id=new_id(), name="甲")], CustomerCreated)
        with pytest.raises(TypeError, match="one by one"):
            await unit.delete_many(CUSTOMERS, made, CustomerDeleted)
        assert await connection.fetchval("SELECT count(*) FROM customers") == 1
