"""Looking customers up by their keys, in a real table under row-level security."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from crm_contracts.customer.v1 import (
    CustomerKind,
    Email,
    IdentityDocument,
    IdentityDocumentKind,
    Phone,
    PostalAddress,
    Registration,
    RegistrationKind,
)
from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.db.schema import new_metadata, row_security
from crm_platform.ids import new_id
from crm_platform.reads.members import look_at_members
from crm_platform.reads.states import look_at
from crm_platform.sealing import record_keys_table
from crm_platform.sealing.vault import vault_for
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.sealing import SEALING
from customer_svc.customers.domain import Customer
from customer_svc.customers.models import CUSTOMERS
from customer_svc.duplicates.domain import COMPARED, Candidate, Shelf, entry_of, ranked
from customer_svc.duplicates.matching.profile import profile
from customer_svc.duplicates.matching.scoring import Verdict
from customer_svc.duplicates.matching.weights import Model
from customer_svc.duplicates.models import DuplicateKeys, wanted_keys
from customer_svc.duplicates.repository import MOST_PER_KEY, THOROUGH, LookUp, Reach
from customer_svc.duplicates.service import Load, possible_duplicates

OURS, THEIRS = UUID(int=1), UUID(int=2)
VAULT = vault_for(SEALING, needed=True)
assert VAULT is not None
INDEX = VAULT.index
TABLE = record_keys_table("lookalike_keys", new_metadata())
KEYS = DuplicateKeys(TABLE, {"phone": lambda customer: [phone.entered for phone in customer.phones]})
LOOK_UP = LookUp(TABLE)


def customer(name: str, *, phone: str | None = None, **members: Any) -> Customer:
    phones = (Phone(entered=phone),) if phone else ()
    return Customer(id=new_id(), name=name, phones=phones, **members)


async def _entered(client: httpx.AsyncClient, name: str) -> UUID:
    address = {"country": "CN", "province": "上海市", "city": "上海", "street": "中山路 5 号", "postal_code": "200000"}
    body = {"name": name, "phone": "13800138000", "email": "info@guanxi.cn", "website": "https://guanxi.cn"}
    sent = {**body, "address": address, "registration_id": "91440300708461136T"}
    made = await client.post("/v1/customers", json=sent, params={"allow_duplicates": "true"})
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


class Files:
    """A table of keys with customers in it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def file(self, tenant: UUID, *customers: Customer) -> None:
        async with self.database.transaction(tenant) as connection:
            rows = [(kind, key, one.id) for one in customers for kind, key in KEYS.entries(INDEX, tenant, one)]
            statement = f"INSERT INTO {TABLE.name} (kind, key, record_id) VALUES ($1, $2, $3)"
            await connection.executemany(statement, rows)

    async def like(self, tenant: UUID, asked: Customer) -> list[UUID]:
        async with self.database.read(tenant) as connection:
            return await LOOK_UP.candidates(connection, wanted_keys(INDEX, tenant, profile(entry_of(asked))))

    async def possible(self, tenant: UUID, asked: Customer, load: Load) -> Sequence[Candidate]:
        async with self.database.read(tenant) as connection:
            return await possible_duplicates(connection, tenant, asked, likes=LOOK_UP, load=load, model=Model())


@asynccontextmanager
async def opened(service: RunningService) -> AsyncIterator[Database]:
    database = Database(DatabaseSettings(url=service.settings.db.url), name="test", vault=VAULT)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def files(service: RunningService) -> AsyncIterator[Files]:
    create = str(CreateTable(TABLE).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    async with opened(service) as database:
        async with database.transaction(OURS) as connection:
            for statement in [create, *row_security(TABLE)]:
                await connection.execute(statement)
        yield Files(database)


async def test_finds_who_shares_a_key_and_nobody_else(files: Files) -> None:
    slip = customer("上海关系信息枝术有限公司")
    branch = customer("腾讯科技有限公司", phone="021-68881234")
    await files.file(OURS, slip, branch, customer("北京鼎盛贸易有限公司", phone="010-88881234"))

    assert await files.like(OURS, customer("上海关系信息技术有限公司")) == [slip.id]
    assert await files.like(OURS, customer("大河贸易", phone="+86 21 6888 1234")) == [branch.id]
    assert await files.like(OURS, customer("Matanga Logistics Ltd")) == []


async def test_tells_who_may_be_the_same_of_those_that_are_there_to_read(files: Files) -> None:
    known = customer("Siemens Energy AG", phone="13800138000")
    hidden = customer("Siemens Energy Aktiengesellschaft")
    await files.file(OURS, known, hidden, customer("Siemens Mobility GmbH"))

    async def load(ids: Sequence[UUID]) -> dict[UUID, Customer]:
        return {id: known for id in ids if id == known.id}

    asked = customer("SIEMENS ENERGY AG", phone="138 0013 8000")
    told = await files.possible(OURS, asked, load)

    assert [(one.id, one.match.verdict) for one in told] == [(known.id, Verdict.LIKELY)]
    assert await files.possible(OURS, known, load) == []


async def test_who_stands_behind_as_many_as_are_read_is_found_by_other_keys_alone(files: Files) -> None:
    frequent, rare = ("near", UUID(int=1)), ("phone", UUID(int=2))
    ids = [new_id() for _ in range(MOST_PER_KEY + 2)]
    last, before, reached = ids[-1], ids[-2], ids[-3]
    rows = [(*frequent, id) for id in ids] + [(*rare, last), (*rare, reached)]
    async with files.database.transaction(OURS) as connection:
        await LOOK_UP.file(connection, rows)
        (found,) = await LOOK_UP.candidates_of_each(connection, [[frequent]], Reach(most=1000))
        filed = await LOOK_UP.filed(connection, [last, before])
        full = await LOOK_UP.full(connection, filed)
        reachable = await LOOK_UP.filed(connection, [last, reached])
        none = [await LOOK_UP.full(connection, reachable), await LOOK_UP.filed(connection, [])]

    assert found == ids[:MOST_PER_KEY]
    assert filed == {frequent: before, rare: last}
    assert full == {frequent}
    assert reachable == {frequent: reached, rare: reached}
    assert none == [set(), {}]


async def test_finds_nobody_of_another_tenant(files: Files) -> None:
    await files.file(THEIRS, customer("Siemens AG"))
    await files.file(OURS, ours := customer("Siemens Energy GmbH"))

    assert await files.like(OURS, customer("SIEMENS")) == [ours.id]


async def test_whoever_shares_what_few_share_comes_first_however_many_share_the_rest(files: Files) -> None:
    crowd = [customer(f"Meridian {place} Ltd") for place in "abcdefghijklmnopqrstuvwxyz" for _ in range(8)]
    rare = customer("Meridian Kingsway Ltd", phone="13800138000")
    await files.file(OURS, *crowd, rare)

    found = await files.like(OURS, customer("Meridian", phone="138 0013 8000"))

    assert found[0] == rare.id
    assert len(found) == THOROUGH.most
    assert set(found) <= {one.id for one in [*crowd, rare]}


async def test_what_is_filed_tells_nothing_and_keeps_the_keys_of_filters(files: Files, service: RunningService) -> None:
    await files.file(OURS, customer("Siemens AG", phone="13800138000"))

    rows = await service.sql(f"SELECT kind, key, record_id FROM {TABLE.name}")

    assert {row["kind"] for row in rows} == {"phone", "alike.phone", "alike.organisation", "alike.word", "alike.near"}
    assert (INDEX.key(OURS, "phone", "13800138000")) in {row["key"] for row in rows if row["kind"] == "phone"}
    assert len({row["key"] for row in rows}) == len(rows)


async def test_members_that_are_compared_are_those_of_the_state_and_of_the_erased_nothing_is_left(
    service: RunningService, client: httpx.AsyncClient, agent: Caller
) -> None:
    kept, erased = [await _entered(client, name) for name in ("Siemens Energy AG", "华为技术有限公司")]
    destroy = "UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = now() WHERE subject_id = $1"
    await service.sql(destroy, erased)

    async with opened(service) as database, database.read(agent.tenant_id) as connection:
        ids = [new_id(), erased, kept]
        states = await look_at(connection, CUSTOMERS, agent, ids)
        members = await look_at_members(connection, CUSTOMERS, agent, ids, (*COMPARED, "id", "owner_id"))
        theirs = replace(agent, id=new_id(), visibility="own")
        hidden = await look_at_members(connection, CUSTOMERS, theirs, ids, COMPARED)

    assert list(members) == list(states) == sorted([kept, erased])
    assert {id: entry_of(one) for id, one in members.items()} == {id: entry_of(one) for id, one in states.items()}
    assert [(one.id, one.owner_id) for one in members.values()] == [(one.id, one.owner_id) for one in states.values()]
    assert (members[erased].phones, members[kept].phones[0].number) == ((), "+8613800138000")
    assert (members[kept].phones[0].written_in_a_later_version, hidden) == (None, {})


def test_what_of_a_customer_is_compared() -> None:
    described = customer(
        "华为技术有限公司",
        name_latin="Huawei Technologies",
        short_name="华为",
        website="https://www.huawei.com",
        emails=(Email(address="info@huawei.com"),),
        addresses=(
            PostalAddress(country="DE", city="Berlin"),
            PostalAddress(
                country="CN", province="广东", city="深圳", street="坂田1号", postal_code="518129", primary=True
            ),
        ),
        registrations=(
            Registration(kind=RegistrationKind.USCC, number="91350100M000100Y43"),
            Registration(kind=RegistrationKind.USCC, number="91110000600037341L"),
        ),
    ).with_(phones=(Phone(number="+8675528780808", entered="0755-28780808"), Phone(entered="ask for Li")))

    entry = entry_of(described)

    assert (entry.name, entry.other_names) == ("华为技术有限公司", ("Huawei Technologies", "华为"))
    assert (entry.street, entry.locality, entry.region, entry.postcode) == ("坂田1号", "深圳", "广东", "518129")
    assert entry.phones == ("+8675528780808", "ask for Li")
    assert entry.identifiers == {"uscc.": "91350100M000100Y43"}
    assert not entry.is_person


def test_people_are_compared_by_their_documents() -> None:
    document = IdentityDocument(kind=IdentityDocumentKind.RESIDENT_ID, number="11010519491231002X", country="CN")

    entry = entry_of(customer("张伟", kind=CustomerKind.PERSON, identity_documents=(document,)))

    assert entry.is_person
    assert entry.identifiers == {"resident_id.CN": "11010519491231002X"}


def test_candidates_are_told_likeliest_first_and_those_who_are_unlikely_not_at_all() -> None:
    asked = profile(entry_of(customer("Siemens Energy AG", phone="13800138000")))
    same, perhaps, other = (
        customer("Siemens Energy AG", phone="13800138000"),
        customer("Siemens Energy", phone="13900139000"),
        customer("Siemens Mobility GmbH", phone="13700137000"),
    )
    others = {one.id: profile(entry_of(one)) for one in (other, perhaps, same)}

    assert [one.id for one in ranked(asked, others, Model())] == [same.id, perhaps.id]
    assert [one.id for one in ranked(asked, others, Model(), most=1)] == [same.id]


def test_however_many_of_a_batch_are_alike_each_is_compared_with_a_few() -> None:
    shelf = Shelf(most_per_key=100, most=50)
    ids = [UUID(int=number) for number in range(600)]
    found = []
    for id in ids:
        found.append(shelf.near(["everybody", f"two {id.int // 2}", "nobody"]))
        shelf.file(id, ["everybody", f"two {id.int // 2}"])

    assert [len(near) for near in found[:52]] == [*range(51), 50]
    assert {len(near) for near in found[52:]} == {50}
    assert found[599] == [ids[598], *ids[:49]]
    assert shelf.near(["nobody"]) == []
