"""A base of customers, and a messy file about some of them and others."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.dialects.postgresql import JSONB

from bench.customers import GeneratedCustomer, copied, customers
from crm_contracts.customer.v1 import CustomerKind, Email, Phone, PostalAddress, Registration
from crm_contracts.sealing import seal
from crm_platform.clock import utc_now
from crm_platform.ids import new_id
from crm_platform.sealing.vault import SubjectKey, Vault
from crm_platform.search.declare import COLUMN as WORDS
from customer_svc.customers.domain import Customer
from customer_svc.customers.models import CUSTOMER_KEYS, CUSTOMERS
from customer_svc.values.registration import uscc_check_digit

HEADER = (
    "编号",
    "客户名称",
    "客户类型",
    "电话",
    "邮箱",
    "网址",
    "地址",
    "城市",
    "邮编",
    "信用代码",
    "员工数",
    "等级",
    "备注",
)
FIELDS = (
    *("external_id", "name", "kind", "phone", "email", "website", "street", "city", "postal_code"),
    *("registration_id", "employees", "grade", ""),
)
"""To which each column belongs; the last one to none."""
_PORTION = 20_000
_EXAMPLE = CUSTOMERS.spec.to_row(Customer(id=UUID(int=0), name=""))
COLUMNS = ("tenant_id", *sorted(_EXAMPLE.keys() - {WORDS}), "sealed")
"""Of the table of customers, as :meth:`Base.rows` gives them."""
_FILLED = (CUSTOMERS.table.name, "subject_keys", CUSTOMER_KEYS.table.name)
_INDEXES = """
SELECT
  CASE WHEN conname IS NULL THEN format('DROP INDEX %s', indexrelid::regclass)
    ELSE format('ALTER TABLE %s DROP CONSTRAINT %s', indrelid::regclass, quote_ident(conname)) END AS drop,
  CASE WHEN conname IS NULL THEN pg_get_indexdef(indexrelid)
    ELSE format('ALTER TABLE %s ADD CONSTRAINT %s %s', indrelid::regclass, quote_ident(conname),
      pg_get_constraintdef(own.oid)) END AS make
FROM pg_index LEFT JOIN pg_constraint AS own ON own.conindid = indexrelid AND own.contype IN ('p', 'u')
WHERE indrelid = ANY ($1::text[]::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint AS other WHERE other.conindid = indexrelid AND other.contype = 'f')
"""
"""Indexes and keys of tables, but for those that other tables refer to."""
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")  # noqa: RUF001 - full-width digits are the mess


def state_of(one: GeneratedCustomer) -> Customer:
    """A generated customer as the service would hold it."""
    phone = one.phone if one.phone.startswith("+") else f"+86{one.phone}"
    place = PostalAddress(
        country="CN", city=one.city or None, street=one.street or None, postal_code=one.postcode or None, primary=True
    )
    return Customer(
        id=new_id(),
        version=1,
        created_at=utc_now(),
        created_by="user:bench",
        updated_at=utc_now(),
        updated_by="user:bench",
        kind=CustomerKind.PERSON if one.is_person else CustomerKind.COMPANY,
        name=one.name,
        website=one.website or None,
        phone=phone if one.phone else None,
        phones=(Phone(number=phone, entered=one.phone, primary=True),) if one.phone else (),
        email=one.email or None,
        emails=(Email(address=one.email, primary=True),) if one.email else (),
        addresses=(place,) if one.city else (),
        registration_id=number_of(one) or None,
        registrations=(Registration(kind="uscc", number=number_of(one), country="CN", primary=True),)
        if one.registration_id
        else (),
    )


class Base:
    """Fills the tables of the service by COPY, as an administrator, whom that is open to."""

    def __init__(self, admin: Any, vault: Vault, tenant: UUID) -> None:
        self._admin, self._vault, self._tenant = admin, vault, tenant

    async def fill(self, count: int) -> None:
        """So many customers, with their keys; what is not needed for that is indexed afterwards."""
        indexes = await self._admin.fetch(_INDEXES, list(_FILLED))
        for one in indexes:
            await self._admin.execute(one["drop"])
        stream = customers(count)
        while portion := list(islice(stream, _PORTION)):
            states = [state_of(one) for one in portion]
            made = {one.id: self._vault.new_key(self._tenant, one.id) for one in states}
            await self._copy(CUSTOMERS.table.name, self.rows(states, made), COLUMNS)
            subjects = [(self._tenant, id, key.wrapped, key.kek_id) for id, key in made.items()]
            await self._copy("subject_keys", subjects, ("tenant_id", "subject_id", "wrapped_key", "kek_id"))
            keys = [(self._tenant, kind, key, one.id) for one in states for kind, key in self._entries(one)]
            await self._copy(CUSTOMER_KEYS.table.name, keys, ("tenant_id", "kind", "key", "record_id"))
        for one in indexes:
            await self._admin.execute(one["make"])
        await self._admin.execute("VACUUM ANALYZE")

    async def _copy(self, table: str, rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> None:
        await self._admin.copy_records_to_table(table, records=rows, columns=columns, schema_name="customer_svc")

    def rows(self, states: Sequence[Customer], keys: Mapping[UUID, SubjectKey]) -> list[tuple[Any, ...]]:
        """The rows of customers, sealed under their keys."""
        return [self._row(state, keys[state.id]) for state in states]

    def _row(self, state: Customer, key: SubjectKey) -> tuple[Any, ...]:
        part = CUSTOMERS.sealed
        assert part is not None
        values = CUSTOMERS.spec.to_row(state) | {"tenant_id": self._tenant}
        sealed = seal(key.cipher, part.content(state), part.place(self._tenant, state.id))
        return (*(_plain(values[name], name) for name in COLUMNS[:-1]), sealed)

    def _entries(self, state: Customer) -> set[tuple[str, UUID]]:
        return CUSTOMER_KEYS.entries(self._vault.index, self._tenant, state)


def _plain(value: Any, column: str) -> Any:
    """A value as COPY takes it without a codec for JSON."""
    is_json = column != "tenant_id" and isinstance(CUSTOMERS.table.c[column].type, JSONB)
    return orjson.dumps(value).decode() if is_json and value is not None else value


def messy(count: int, base: int) -> Iterator[GeneratedCustomer]:
    """Customers of a file: three in ten are in the base already, of whom half were entered anew with slips."""
    random = Random(5)  # noqa: S311 - invented data, no secret
    known = customers(min(base, count))
    fresh = customers(count, seed=9)
    for _ in range(count):
        one = next(known if random.random() < 0.3 else fresh)
        yield copied(one, one.number, random) if random.random() < 0.5 else one


def write_file(path: Path, count: int, base: int) -> None:
    """The file, as people leave such files behind."""
    random = Random(6)  # noqa: S311 - invented data, no secret
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number, one in enumerate(messy(count, base), 1):
            writer.writerow(_line(number, one, random))


def number_of(one: GeneratedCustomer) -> str:
    """The registration number with the right check digit."""
    head = one.registration_id[:17]
    return head + uscc_check_digit(head) if head else ""


def _line(number: int, one: GeneratedCustomer, random: Random) -> list[object]:
    phone = one.phone.translate(_WIDE) if random.random() < 0.2 else one.phone
    phone = f" {phone[:3]} {phone[3:7]} {phone[7:]}" if random.random() < 0.3 else phone
    name = f"　{one.name} " if random.random() < 0.2 else one.name
    kind = "个人" if one.is_person else "企业"
    place = (one.website, one.street, one.city, one.postcode)
    staff = random.choice(("", "12", "1,200", "１５0", "很多" if number % 200 == 0 else "8"))  # noqa: RUF001
    return [f"K{number}", name, kind, phone, one.email, *place, number_of(one), staff, random.choice("ABCD"), "无"]
