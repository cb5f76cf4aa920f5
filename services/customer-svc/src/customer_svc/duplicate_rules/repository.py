"""Queries of the rules about duplicates."""

from sqlalchemy import select

from crm_platform.db import Connection, Query
from customer_svc.duplicate_rules.domain import DuplicateRule
from customer_svc.duplicate_rules.models import DUPLICATE_RULES, duplicate_rules

_ALL = Query(select(*DUPLICATE_RULES.loaded_columns()).select_from(duplicate_rules))


async def find_all(connection: Connection) -> list[DuplicateRule]:
    """Every rule of the company."""
    return [DUPLICATE_RULES.spec.from_row(row) for row in await connection.fetch(_ALL.text)]
