"""Use cases of reports."""

from uuid import UUID

from analytics_svc.reports import repository
from crm_platform.reads import Reader
from crm_platform.reads.visibility import sql_args


async def sales(reader: Reader) -> bytes:
    """Deals by stage and by agent, as JSON."""
    return await _report(reader, repository.SALES)


async def deliveries(reader: Reader) -> bytes:
    """Deliverables and their acceptance, as JSON."""
    return await _report(reader, repository.DELIVERIES)


async def satisfaction(reader: Reader) -> bytes:
    """Satisfaction and tickets, as JSON."""
    return await _report(reader, repository.SATISFACTION)


async def customer(reader: Reader, id: UUID) -> bytes:
    """Figures about one customer, as JSON; zeros for one that nothing is known of."""
    return await _report(reader, repository.CUSTOMER, id)


async def _report(reader: Reader, statement: str, *arguments: object) -> bytes:
    return await reader.document(statement, *sql_args(reader.caller), *arguments)
