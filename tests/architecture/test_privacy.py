"""No service forgets a table that refers to people."""

from collections.abc import Iterable

import pytest
from sqlalchemy import MetaData

from analytics_svc import holdings as analytics
from analytics_svc.metadata import METADATA as ANALYTICS
from crm_platform.privacy import Holding
from customer_svc import holdings as customer
from customer_svc.metadata import METADATA as CUSTOMER
from project_svc import holdings as project
from project_svc.metadata import METADATA as PROJECT
from sales_svc import holdings as sales
from sales_svc.metadata import METADATA as SALES
from service_desk_svc import holdings as service_desk
from service_desk_svc.metadata import METADATA as SERVICE_DESK

REFERENCES = frozenset({"customer_id", "contact_id", "subject_id"})
ELSEWHERE = frozenset(
    {"subject_keys.subject_id", "erasures.subject_id", "erasure_answers.subject_id", "access_answers.subject_id"}
    | {"customer_refs.customer_id", "contact_refs.contact_id"}
)
"""What an erasure itself is about, and what goes with the record of the person."""


def forgotten(metadata: MetaData, holdings: Iterable[Holding]) -> set[str]:
    """References to people that no holding names."""
    named = {f"{one.table.name}.{one.column}" for one in holdings}
    there = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name in REFERENCES
    }
    return there - named - ELSEWHERE


SERVICES = {
    "analytics": (ANALYTICS, analytics.ERASURES.holdings),
    "customer": (CUSTOMER, customer.HOLDINGS),
    "project": (PROJECT, project.ERASURES.holdings),
    "sales": (SALES, sales.ERASURES.holdings),
    "service_desk": (SERVICE_DESK, service_desk.ERASURES.holdings),
}


@pytest.mark.parametrize("name", SERVICES)
def test_every_table_that_refers_to_people_is_named(name: str) -> None:
    assert forgotten(*SERVICES[name]) == set()


def test_a_table_that_nobody_has_named_is_found() -> None:
    metadata, holdings = SERVICES["service_desk"]

    assert forgotten(metadata, [one for one in holdings if one.record != "survey"]) == {"surveys.customer_id"}
