"""A chain of audit entries of two companies, sealed in three goes, and ways to tamper with it."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from crm_contracts.customer.v1 import CustomerCreated, CustomerDeleted, CustomerUpdated
from crm_platform.audit.chain import CONTENT, GENESIS, entry_hash
from crm_platform.audit.checkpoints import checkpoint_file
from crm_platform.audit.sealer import Sealer
from crm_platform.audit.verify import Report, verify_service
from crm_platform.context import Cause, system_caller
from crm_platform.db import Database
from crm_platform.db.database import connect_dedicated
from crm_platform.db.migrations import upgrade
from crm_platform.ids import new_id
from crm_platform.settings import AuditSettings, DatabaseSettings, ServiceSettings
from crm_platform.testing.sealing import SEALING, vault
from crm_platform.uow import UnitOfWork
from crm_runtime.testing import FreshDatabase
from customer_svc.customers.domain import Customer
from customer_svc.customers.models import CUSTOMERS

SERVICE = "customer-svc"
PACKAGE = "customer_svc"
MIGRATED = "migrate-customer_svc"
"""The same template as for the tests of the service itself."""

OURS = UUID("00000000-0000-7000-8000-00000000000a")
THEIRS = UUID("00000000-0000-7000-8000-00000000000b")

ALL_COLUMNS = ("tenant_id", *CONTENT, "seq", "previous_hash", "hash")


def migrate(database: FreshDatabase) -> None:
    """Bring a database to the newest schema of the service."""
    upgrade(PACKAGE, database.url)


def settings_of(url: str, folder: Path, *, interval: float = 0.5) -> ServiceSettings:
    """Settings of the service with the checkpoints in ``folder``."""
    return ServiceSettings(
        service=SERVICE,
        db=DatabaseSettings(url=url, pool_max=8),
        audit=AuditSettings(checkpoint_dir=folder, seal_interval=interval),
        sealing=SEALING,
    )


async def enter(database: Database, tenant: UUID, *names: str) -> list[Customer]:
    """Enter customers, one transaction for all."""
    async with database.transaction(tenant) as connection:
        unit = UnitOfWork(connection, system_caller(tenant, SERVICE), Cause(actor="user:1"))
        states = [Customer(id=new_id(), name=name) for name in names]
        return await unit.insert_many(CUSTOMERS, states, CustomerCreated)


async def rename(database: Database, tenant: UUID, customer: Customer, name: str) -> Customer:
    """Change a customer and say why."""
    async with database.transaction(tenant) as connection:
        unit = UnitOfWork(connection, system_caller(tenant, SERVICE), Cause(actor="user:2"))
        changes = [(customer, customer.with_(name=name))]
        (changed,) = await unit.update_many(CUSTOMERS, changes, CustomerUpdated, reason="new sign 新招牌")
        return changed


async def remove(database: Database, tenant: UUID, customer: Customer) -> None:
    """Delete a customer."""
    async with database.transaction(tenant) as connection:
        unit = UnitOfWork(connection, system_caller(tenant, SERVICE), Cause(actor="user:3"))
        await unit.delete(CUSTOMERS, customer, CustomerDeleted, reason="entered twice")


@dataclass(frozen=True)
class Chain:
    """Sealed entries: eight of ours, with checkpoints after the third, the sixth and the last, and four of theirs."""

    url: str
    admin_url: str
    folder: Path
    """Where the checkpoints are; every test gets a copy."""

    @property
    def lines(self) -> list[bytes]:
        """The lines of the file of checkpoints."""
        return self.file.read_bytes().splitlines(keepends=True)

    @property
    def file(self) -> Path:
        """The file of checkpoints."""
        return checkpoint_file(self.folder, SERVICE)

    def write_lines(self, lines: Sequence[bytes]) -> None:
        """Replace the lines of the file of checkpoints."""
        self.file.write_bytes(b"".join(lines))

    async def verify(self, *, anchored: bool = True) -> Report:
        """Verify as an auditor would, with or without the signed checkpoints."""
        return await verify_service(self.url, SERVICE, self.folder if anchored else None)

    async def seal(self) -> int:
        """Seal what is not sealed, by a sealer of its own."""
        database = Database(DatabaseSettings(url=self.url), name="test", vault=vault())
        await database.open()
        try:
            return await Sealer(database, settings_of(self.url, self.folder)).seal_batch()
        finally:
            await database.close()

    async def enter(self, *names: str) -> None:
        """Enter customers of ours."""
        database = Database(DatabaseSettings(url=self.url), name="test", vault=vault())
        await database.open()
        try:
            await enter(database, OURS, *names)
        finally:
            await database.close()

    async def sql(self, statement: str, *arguments: Any) -> list[Any]:
        """Run a statement as somebody who is above all rules of the database."""
        connection = await connect_dedicated(self.admin_url, name="test")
        try:
            await connection.execute(f"SET search_path TO {PACKAGE}")
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()

    async def entries(self, tenant: UUID = OURS) -> list[dict[str, Any]]:
        """The sealed entries of a company in their order."""
        columns = ", ".join(ALL_COLUMNS)
        rows = await self.sql(
            f"SELECT id, {columns} FROM audit_entries WHERE tenant_id = $1 AND seq IS NOT NULL ORDER BY seq", tenant
        )
        return [dict(row) for row in rows]

    async def replace(self, entries: Sequence[dict[str, Any]]) -> None:
        """Make ``entries`` the chain of our company, whatever they say."""
        await self.sql("DELETE FROM audit_entries WHERE tenant_id = $1", OURS)
        places = ", ".join(f"${number}" for number in range(1, len(ALL_COLUMNS) + 1))
        statement = f"INSERT INTO audit_entries ({', '.join(ALL_COLUMNS)}) VALUES ({places})"
        for entry in entries:
            await self.sql(statement, *(entry[name] for name in ALL_COLUMNS))


def rehashed(entries: Sequence[dict[str, Any]], *, start: int = 1) -> list[dict[str, Any]]:
    """The same entries, numbered and chained as if they had always been so from place ``start`` on."""
    chained: list[dict[str, Any]] = []
    previous = GENESIS
    for seq, entry in enumerate(entries, 1):
        copy = dict(entry)
        if seq >= start:
            copy |= {"seq": seq, "previous_hash": previous}
            copy["hash"] = entry_hash(previous, copy["tenant_id"], seq, copy)
        previous = copy["hash"]
        chained.append(copy)
    return chained


async def build(url: str, admin_url: str, folder: Path) -> Chain:
    """Write and seal the entries."""
    chain = Chain(url, admin_url, folder)
    database = Database(DatabaseSettings(url=url), name="test", vault=vault())
    await database.open()
    try:
        sealer = Sealer(database, settings_of(url, folder))
        first, second = await enter(database, OURS, "Acme", "北京科技")
        (other,) = await enter(database, THEIRS, "Globex")
        third = await rename(database, OURS, second, "上海科技")
        await enter(database, THEIRS, "Initech")
        await sealer.seal_batch()
        fourth = await rename(database, OURS, first, "Acme International")
        await rename(database, THEIRS, other, "Globex 2")
        fifth = await rename(database, OURS, third, "深圳科技")
        await remove(database, OURS, fourth)
        await sealer.seal_batch()
        await rename(database, OURS, fifth, "广州科技")
        await enter(database, THEIRS, "Umbrella")
        await enter(database, OURS, "Hooli")
        await sealer.seal_batch()
    finally:
        await database.close()
    # Somebody who tampers is not held up by a unique index, so there is none.
    await chain.sql("DROP INDEX uq_audit_entries_chain")
    await chain.sql("CREATE INDEX ON audit_entries (tenant_id, seq)")
    await chain.sql("CREATE TABLE saved AS TABLE audit_entries")
    return chain


async def fresh(chain: Chain, folder: Path) -> Chain:
    """The chain as it was built, with a copy of the checkpoints in ``folder``."""
    connection = await connect_dedicated(chain.admin_url, name="test")
    try:
        await connection.execute(
            f"SET search_path TO {PACKAGE}; TRUNCATE audit_entries;"
            "INSERT INTO audit_entries OVERRIDING SYSTEM VALUE SELECT * FROM saved"
        )
    finally:
        await connection.close()
    shutil.copytree(chain.folder, folder)
    return Chain(chain.url, chain.admin_url, folder)
