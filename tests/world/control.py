"""Quality gates and change requests, as their routes need them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

Record = dict[str, Any]


async def _change_request(world: Any) -> Record:
    """A change that somebody else has asked for, so that it can be approved."""
    made: Record = await world.post("/v1/change-requests")
    statement = "UPDATE change_requests SET created_by = 'user:colleague' WHERE id = $1"
    await world.connection.execute(statement, UUID(made["id"]))
    return made


RECIPES: dict[str, Callable[[Any], Awaitable[Record]]] = {"/v1/change-requests": _change_request}

BODIES: dict[str, dict[str, Any]] = {
    "decide_change_request": {"decision": "approved"},
    "review_quality_gate": {"verdict": "failed", "comment": "not yet"},
}
