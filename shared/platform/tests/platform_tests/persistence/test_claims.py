"""Taking an idempotency key: statements without parameters, with the client's text in them."""

from uuid import UUID

from crm_platform.db import Database
from crm_platform.idempotency import IdempotencyKey
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.sealing import vault
from crm_runtime.pytest_plugin import MakeDatabase
from customer_svc.slices import SERVICE
from platform_tests.persistence.states import migrate_of

TENANT, OTHER = UUID(int=1), UUID(int=2)
TEXTS = ("plain", "it's", "'", "''; DROP TABLE idempotency; --", "\\", "\\'", "a\\''b\\\\", "$1 %s {0} :x", "E'\\x41'")


def key_of(text: str) -> IdempotencyKey:
    return IdempotencyKey.of(caller=f"user:{text}", key=text, method="POST", path="/v1/customers", body=b"{}")


async def test_whatever_its_text_a_key_is_found_by_itself_alone_and_through_the_index(
    make_database: MakeDatabase,
) -> None:
    place = make_database(SERVICE.package, **migrate_of(SERVICE))
    database = Database(DatabaseSettings(url=place.url, pool_min=0, pool_max=1), name="test", vault=vault())
    await database.open()
    for number, text in enumerate(TEXTS):
        key = key_of(text)
        async with database.transaction(TENANT, *key.claim(TENANT)) as connection:
            assert await key.answer(connection, TENANT) is None
            await key.remember(connection, status=200 + number, headers={}, body=text.encode(), subject=None)

    for number, text in enumerate(TEXTS):
        key = key_of(text)
        async with database.transaction(TENANT, *key.claim(TENANT)) as connection:
            answer = await key.answer(connection, TENANT)
            await connection.execute("SET LOCAL enable_seqscan = off")
            plan = await connection.fetch(f"EXPLAIN {key.claim(TENANT)[1]}")
        async with database.transaction(OTHER, *key.claim(OTHER)) as connection:
            assert await key.answer(connection, OTHER) is None
        assert answer is not None
        assert (answer.status, answer.body) == (200 + number, text.encode())
        (conditions,) = [row[0] for row in plan if "Index Cond:" in row[0]]
        assert [f"({name} = " in conditions for name in ("tenant_id", "caller", "key")] == [True] * 3
    await database.close()
