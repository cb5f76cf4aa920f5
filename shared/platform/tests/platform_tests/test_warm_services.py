"""Services that serve one test after the other know nothing of the one before."""

import pytest

from crm_platform.testing.identity import caller
from crm_platform.testing.warm import WarmServices
from customer_svc.slices import SERVICE

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'customer_svc' AND tablename <> 'alembic_version'"


async def test_a_service_goes_on_with_nothing_of_the_test_before(warm_services: WarmServices) -> None:
    first = await warm_services.take(SERVICE)
    async with first.running.as_(caller()) as client:
        assert (await client.post("/v1/customers", json={"kind": "company", "name": "观心"})).status_code == 201
    assert await first.running.sql("SELECT name FROM customers") == [("观心",)]
    left = first.folder / "objects" / "tenant" / "file"
    left.parent.mkdir(parents=True)
    left.touch()
    await warm_services.give_back(first)

    second = await warm_services.take(SERVICE)

    assert second is first
    for (table,) in await second.running.sql(TABLES):
        assert await second.running.sql(f"SELECT count(*) FROM {table}") == [(0,)], table
    assert [path for path in second.folder.rglob("*") if path.is_file() or path.parent != second.folder] == []
    await warm_services.give_back(second)


@pytest.mark.parametrize("change", ["CREATE INDEX ON contacts (name)", "ALTER TABLE contacts ADD COLUMN shoe_size int"])
async def test_a_service_whose_schema_was_changed_is_not_used_again(warm_services: WarmServices, change: str) -> None:
    changed = await warm_services.take(SERVICE)
    await changed.running.sql(change)
    await warm_services.give_back(changed)

    another = await warm_services.take(SERVICE)

    assert another.running.app is not changed.running.app
    await warm_services.give_back(another)


async def test_a_service_that_is_about_to_stop_is_not_used_again(warm_services: WarmServices) -> None:
    leaving = await warm_services.take(SERVICE)
    leaving.running.app.state.runtime.leave()
    await warm_services.give_back(leaving)

    another = await warm_services.take(SERVICE)

    assert another is not leaving
    await warm_services.give_back(another)
