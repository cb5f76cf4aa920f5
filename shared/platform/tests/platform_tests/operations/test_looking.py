"""What is read of the database in a process for computing."""

from uuid import UUID

import pytest

from crm_platform.db import Connection, Database
from crm_platform.errors import Unavailable
from crm_platform.ids import new_id
from crm_platform.operations.compute import Compute
from crm_platform.operations.looking import look
from crm_platform.sealing.vault import vault_of
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import vault
from platform_tests.operations.support import House

_SESSION = "SELECT pg_backend_pid() AS pid, current_setting('crm.tenant_id') AS tenant, $1::text AS said"


async def session(connection: Connection, said: str) -> dict[str, object]:
    return dict(await connection.fetchrow(_SESSION, said))


async def opened(connection: Connection, tenant: UUID, subject: UUID, kek: str, wrapped: bytes) -> tuple[UUID, bytes]:
    known = vault_of(connection)
    return known.index.key(tenant, "phone", "13800138000"), known.keys.unwrap(tenant, subject, kek, wrapped)


async def test_a_connection_sees_one_tenant_and_is_kept_until_the_server_ends_it(house: House) -> None:
    compute, database = Compute(1), Database(house.service.settings.db, name="test")
    one, other = new_id(), new_id()

    first = await compute(look, database, one, session, ("你好",))
    second = await compute(look, database, other, session, ("again",))
    await house.service.sql("SELECT pg_terminate_backend($1)", first["pid"])
    third = await compute(look, database, one, session, ("after",))

    assert (first["tenant"], first["said"]) == (str(one), "你好")
    assert second == {"pid": first["pid"], "tenant": str(other), "said": "again"}
    assert (third["tenant"], third["said"], third["pid"] == first["pid"]) == (str(one), "after", False)


async def test_sealed_data_is_opened_there_with_the_same_keys(house: House) -> None:
    ours, tenant, subject = vault(), new_id(), new_id()
    secret, wrapped = ours.keys.new_key(tenant, subject)
    database = Database(house.service.settings.db, name="test", vault=ours)

    arguments = (tenant, subject, ours.keys.active, wrapped)
    key, unwrapped = await Compute(1)(look, database, tenant, opened, arguments)

    assert (key, unwrapped) == (ours.index.key(tenant, "phone", "13800138000"), secret)


async def test_a_database_that_does_not_answer_is_told_as_such(unused_tcp_port: int) -> None:
    nowhere = DatabaseSettings(url=f"postgresql://nobody@127.0.0.1:{unused_tcp_port}/none")

    with pytest.raises(Unavailable):
        await Compute(1)(look, Database(nowhere, name="test"), new_id(), session, ("",))
