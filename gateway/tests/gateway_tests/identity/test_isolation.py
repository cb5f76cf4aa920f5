"""Every table of identity hides the rows of other tenants; `tests/authz` does the same for every route."""

from gateway.metadata import METADATA
from gateway_tests.identity.running import Company, RunningGateway


def test_every_table_but_two_is_under_row_level_security() -> None:
    open_tables = {table.name for table in METADATA.sorted_tables if not table.info.get("tenant")}

    assert open_tables == {"tenants", "signing_keys"}


async def test_every_table_hides_the_rows_of_other_tenants(gateway: RunningGateway, acme: Company) -> None:
    await acme.person("li@acme.test")
    stranger = await gateway.company()
    for table in METADATA.sorted_tables:
        if table.info.get("tenant"):
            seen = await stranger.sql(f"SELECT DISTINCT tenant_id FROM {table.name}")
            assert seen in ([], [(stranger.id,)]), table.name
