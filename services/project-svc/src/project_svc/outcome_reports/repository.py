"""What an outcome report says of a project, its customer and its accepted deliveries."""

from typing import Any, Final
from uuid import UUID

from crm_platform.db import Connection

_PROJECT: Final = """
SELECT project.id, project.name, project.starts_on, project.due_on, project.completed_at, customer.name AS customer
FROM projects AS project LEFT JOIN known_customers AS customer ON customer.id = project.customer_id
WHERE project.id = $1
"""
_ACCEPTED: Final = """
SELECT name, due_on, accepted_at, on_time FROM deliveries
WHERE project_id = $1 AND status = 'accepted' ORDER BY accepted_at, id LIMIT 200
"""


async def project(connection: Connection, id: UUID) -> Any:
    """The project and its customer's name; None where there is no such project."""
    return await connection.fetchrow(_PROJECT, id)


async def accepted(connection: Connection, project_id: UUID) -> list[Any]:
    """The deliveries that the customer accepted, the first 200, in the order of their acceptance."""
    return list(await connection.fetch(_ACCEPTED, project_id))
