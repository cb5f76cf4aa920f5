"""Beginning operations, and setting timers, in the transaction of whatever they belong to.

The NOTIFY is inside the transaction here, so that it comes exactly when there is something to do. That is affordable,
as it is not for every write (see :mod:`crm_platform.events.bell`): operations are begun by people, a few at a time.
"""

from typing import Any, Final
from uuid import UUID

from crm_platform.auth.claims import claims_of
from crm_platform.context import Cause
from crm_platform.ids import new_id
from crm_platform.operations.errors import TooManyOperations
from crm_platform.operations.kinds import I, OperationKind
from crm_platform.operations.records import OPERATIONS_RESOURCE
from crm_platform.reads.reader import Rendered, fetch_one
from crm_platform.uow import UnitOfWork

MAX_UNFINISHED: Final = 1000
"""Operations of one company that are not finished; timers do not count."""

WAKE: Final = "SELECT pg_notify('operations_' || current_schema(), '')"
CHANNEL: Final = "SELECT 'operations_' || current_schema()"


async def begin(unit: UnitOfWork, kind: OperationKind[I], input: I, *, key: str | None = None) -> Rendered:
    """Begin an operation when ``unit`` commits, on behalf of its caller; returns it as its endpoint shows it.

    Args:
        unit: The transaction of the request or event that it belongs to.
        kind: What to do; registered in the service's list, or no worker will take it up.
        input: What it needs to know.
        key: Begins at most one operation of this kind under it, for as long as that is kept; then returns that one.

    Raises:
        TooManyOperations: The company has too many unfinished ones.
    """
    connection = unit.connection
    if await connection.fetchval(_UNFINISHED, MAX_UNFINISHED) >= MAX_UNFINISHED:
        raise TooManyOperations(limit=MAX_UNFINISHED, headers={"retry-after": "60"})
    await connection.execute(TURN)
    values = about(unit, kind, input)
    id: UUID | None = await connection.fetchval(_BEGIN, *values, key)
    if id is None:
        id = await connection.fetchval(_KNOWN, kind.name, key)
    else:
        await connection.execute(WAKE)
    return await fetch_one(connection, OPERATIONS_RESOURCE, unit.caller, id)


def about(unit: UnitOfWork, kind: OperationKind[I], input: I) -> list[Any]:
    """The columns that every new operation has: from ``id`` to ``unit``."""
    claims = claims_of(unit.caller) | {"exp": unit.caller.expires_at}
    return [
        *(new_id(), kind.name, kind.cancellable, input.model_dump(mode="json")),
        *(claims, kept(unit.cause), unit.cause.actor, unit.cause.correlation_id, kind.unit),
    ]


def kept(cause: Cause) -> dict[str, Any]:
    """The cause, as it is kept with an operation."""
    return {
        "actor": cause.actor,
        "correlation_id": str(cause.correlation_id),
        "causation_id": str(cause.causation_id) if cause.causation_id else None,
        "origin": cause.origin,
        "traceparent": cause.traceparent,
    }


_UNFINISHED = """
SELECT count(*) FROM (
  SELECT 1 FROM operations WHERE tenant_id = current_setting('crm.tenant_id')::uuid AND NOT internal
    AND finished_at IS NULL LIMIT $1
) unfinished
"""
TURN = "INSERT INTO operation_turns DEFAULT VALUES ON CONFLICT DO NOTHING"
_BEGIN = """
INSERT INTO operations (
  id, kind, cancellable, input, caller, cause, requested_by, correlation_id, unit, key, status, due_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', now())
ON CONFLICT (tenant_id, kind, key) WHERE key IS NOT NULL DO NOTHING RETURNING id
"""
_KNOWN = """
SELECT id FROM operations WHERE tenant_id = current_setting('crm.tenant_id')::uuid AND kind = $1 AND key = $2
"""
