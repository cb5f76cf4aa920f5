"""The external ids of many records, replaced at once."""

from uuid import UUID

import pytest

from crm_contracts.base import ExternalRef
from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.db import Connection, Database
from crm_platform.external_refs import ExternalIdTaken
from crm_platform.ids import new_id
from customer_svc.customers.domain import Customer
from customer_svc.customers.models import CUSTOMER_REFS, CUSTOMERS
from platform_tests.persistence.test_many_at_once import database, unit_of

__all__ = ["database"]

TENANT = UUID(int=0xE)
ONE, TWO, THREE = (ExternalRef(system="erp", external_id=f"K-{number}") for number in (1, 2, 3))


async def linked(connection: Connection, *refs: ExternalRef) -> list[UUID]:
    """New customers, one for each id."""
    made = [Customer(id=new_id(), name=f"公司 {ref.external_id}", external_refs=(ref,)) for ref in refs]
    await unit_of(connection, TENANT).insert_many(CUSTOMERS, made, CustomerCreated)
    await CUSTOMER_REFS.add(connection, [(ref, one.id) for ref, one in zip(refs, made, strict=True)])
    return [one.id for one in made]


async def test_ids_go_from_one_record_to_another(database: Database) -> None:
    async with database.transaction(TENANT) as connection:
        one, two, three = await linked(connection, ONE, TWO, THREE)
        await CUSTOMER_REFS.replace_many(connection, {one: [TWO], two: [ONE], three: []})
        found = await CUSTOMER_REFS.find(connection, [ONE, TWO, THREE])

    assert found == {TWO: one, ONE: two}


@pytest.mark.parametrize("given", [{0: [THREE]}, {0: [THREE], 1: [THREE]}, {0: [TWO]}])
async def test_an_id_of_another_is_refused_and_nothing_is_replaced(
    database: Database, given: dict[int, list[ExternalRef]]
) -> None:
    async with database.transaction(TENANT) as connection:
        ids = await linked(connection, ONE, TWO, THREE)
        with pytest.raises(ExternalIdTaken):
            await CUSTOMER_REFS.replace_many(connection, {ids[place]: refs for place, refs in given.items()})
        found = await CUSTOMER_REFS.find(connection, [ONE, TWO, THREE])

    assert found == dict(zip((ONE, TWO, THREE), ids, strict=True))
