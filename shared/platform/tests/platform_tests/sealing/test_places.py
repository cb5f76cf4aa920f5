"""Ciphertext opens nowhere but in its place, and not at all once it was touched."""

import httpx

from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import RunningService
from platform_tests.sealing.test_records import enter


async def broken(client: httpx.AsyncClient, path: str) -> bool:
    answer = await client.get(path)
    assert answer.status_code in {200, 500}, answer.text
    if answer.status_code == 500:
        assert answer.json()["code"] == "internal_error"
    return answer.status_code == 500


async def test_a_sealed_value_of_another_row_does_not_open(client: httpx.AsyncClient, service: RunningService) -> None:
    one, two = await enter(client, 1), await enter(client, 2)

    await service.sql(
        """
        UPDATE people SET sealed = other.sealed FROM people other
        WHERE other.id = $1::text::uuid AND people.id = $2::text::uuid
        """,
        one["id"],
        two["id"],
    )

    assert await broken(client, f"/v1/people/{two['id']}")
    assert not await broken(client, f"/v1/people/{one['id']}")


async def test_nor_does_it_with_its_key_beside_it(client: httpx.AsyncClient, service: RunningService) -> None:
    one, two = await enter(client, 1), await enter(client, 2)

    await service.sql(
        """
        WITH moved AS (
          UPDATE subject_keys SET wrapped_key = other.wrapped_key FROM subject_keys other
          WHERE other.subject_id = $1::text::uuid AND subject_keys.subject_id = $2::text::uuid
        )
        UPDATE people SET sealed = other.sealed FROM people other
        WHERE other.id = $1::text::uuid AND people.id = $2::text::uuid
        """,
        one["id"],
        two["id"],
    )

    assert await broken(client, f"/v1/people/{two['id']}")


async def test_nor_in_another_tenant(client: httpx.AsyncClient, service: RunningService) -> None:
    record, thief = await enter(client, 1), caller()

    for table in ("people", "subject_keys"):
        await service.sql(f"UPDATE {table} SET tenant_id = $1", thief.tenant_id)

    async with service.as_(thief) as other:
        assert (await other.get("/v1/people", params={"fields": "id"})).json()["items"] == [{"id": record["id"]}]
        assert await broken(other, f"/v1/people/{record['id']}")


async def test_nor_in_another_table(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await enter(client, 1)
    made = await client.post(f"/v1/people/{record['id']}/notes", json={"title": "a", "text": "b"})
    # Even in a row of the same id, under the same key.
    await service.sql("UPDATE notes SET id = people.id, sealed = people.sealed FROM people")

    assert made.status_code == 201
    assert await broken(client, "/v1/notes")


async def test_a_changed_byte_is_noticed(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await enter(client, 1)
    ((sealed,),) = await service.sql("SELECT sealed FROM people")

    await service.sql("UPDATE people SET sealed = $1", sealed[:-1] + bytes([sealed[-1] ^ 1]))

    assert await broken(client, f"/v1/people/{record['id']}")


async def test_a_key_that_was_removed_is_no_erasure(client: httpx.AsyncClient, service: RunningService) -> None:
    record = await enter(client, 1)

    await service.sql("DELETE FROM subject_keys")

    assert await broken(client, f"/v1/people/{record['id']}")
