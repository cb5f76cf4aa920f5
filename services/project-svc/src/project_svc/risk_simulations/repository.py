"""Queries of the simulations beyond load and insert."""

from typing import Any
from uuid import UUID

from crm_platform.db import Connection

_KEEP = "INSERT INTO risk_simulation_details (id, body) VALUES ($1, $2)"
_DETAILS = "SELECT body::text FROM risk_simulation_details WHERE id = $1"


async def keep_details(connection: Connection, id: UUID, body: dict[str, Any]) -> None:
    """Write curves, bars and tasks of a simulation."""
    await connection.execute(_KEEP, id, body)


async def details(connection: Connection, id: UUID) -> str:
    """Curves, bars and tasks of a simulation that is there, as JSON."""
    found: str = await connection.fetchval(_DETAILS, id)
    return found
