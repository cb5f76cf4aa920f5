"""Finding operations for a caller, and asking workers to pause, resume and cancel them."""

from typing import Final
from uuid import UUID

from crm_platform.context import Caller
from crm_platform.db import Connection
from crm_platform.errors import Forbidden, NotFound
from crm_platform.operations.begin import WAKE
from crm_platform.operations.lifecycle import OPERATION, OperationStatus, Standing, Wish, asked
from crm_platform.operations.records import OPERATIONS_RESOURCE, controls_all, sees_all
from crm_platform.reads.reader import Rendered, fetch_one
from crm_platform.uow import UnitOfWork


async def show(connection: Connection, caller: Caller, id: UUID) -> Rendered:
    """An operation, as its endpoint shows it.

    Raises:
        NotFound: There is none, or neither has the caller asked for it nor may he see those of others.
    """
    requested_by = await connection.fetchval(_REQUESTED_BY, id)
    if requested_by is None or not (requested_by == caller.actor or sees_all(caller)):
        raise NotFound(what=OPERATION, id=id)
    return await fetch_one(connection, OPERATIONS_RESOURCE, caller, id)


async def control(unit: UnitOfWork, id: UUID, action: str) -> Rendered:
    """Ask for ``pause``, ``resume`` or ``cancel`` on behalf of the unit's caller.

    Raises:
        NotFound: There is no such operation, or the caller may not see it.
        Forbidden: It is another's, and the caller may only see it.
        InvalidTransition: That is not possible in its state.
        NotCancellable: Operations of this kind are not stopped.
    """
    connection, caller = unit.connection, unit.caller
    row = await connection.fetchrow(_LOCK, id)
    mine = row is not None and row["requested_by"] == caller.actor
    if row is None or not (mine or sees_all(caller)):
        raise NotFound(what=OPERATION, id=id)
    if not (mine or controls_all(caller)):
        raise Forbidden(scope="operations:write")
    now = Standing(
        kind=row["kind"],
        status=OperationStatus(row["status"]),
        wish=Wish(row["wish"]) if row["wish"] else None,
        claimed=row["claimed"],
        cancellable=row["cancellable"],
    )
    change = asked(action, now)
    if change is not None:
        await connection.execute(_CHANGE, id, change.status, change.wish, change.due)
        if change.due:
            await connection.execute(WAKE)
    return await fetch_one(connection, OPERATIONS_RESOURCE, caller, id)


_REQUESTED_BY: Final = "SELECT requested_by FROM operations WHERE id = $1"
# NO KEY, so as not to wait for a step that has recorded results.
_LOCK: Final = """
SELECT kind, status, wish, cancellable, requested_by, claim IS NOT NULL AND due_at > now() AS claimed FROM operations
WHERE id = $1 FOR NO KEY UPDATE
"""
_CHANGE: Final = """
UPDATE operations SET version = version + 1, status = $2, wish = $3, finished_at = NULL,
  claim = CASE WHEN $4::boolean IS NULL THEN claim END, failures = CASE WHEN $4 THEN 0 ELSE failures END,
  due_at = CASE WHEN $4::boolean IS NULL THEN due_at WHEN $4 THEN now() END
WHERE id = $1
"""
